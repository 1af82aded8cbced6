"""The live labs: pictures of networks that learn while you move their controls."""
