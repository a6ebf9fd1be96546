"""What each section of the report says, from the results alone. Pure: no file is read or written."""
