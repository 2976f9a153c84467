"""Reading postcodes and cities out of installed packages and GeoNames files; all of it works without a network."""
