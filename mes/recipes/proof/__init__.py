"""What is proved of a master recipe before it may run, part by part."""
