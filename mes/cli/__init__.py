"""The command line: a file for each group of commands; what is slow to load is loaded by the command that needs it."""
