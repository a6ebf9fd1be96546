"""The command line: thin commands over the services. Exit codes are decided here and nowhere below."""
