"""Where feeds come from by themselves: declared in a file, watched, pulled."""
