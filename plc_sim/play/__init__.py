"""Plays: which phases a plant runs when, without any MES; through the same command blocks that an MES writes."""
