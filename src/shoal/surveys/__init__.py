"""Ready surveys: from the request to the picture. A survey is one small file built on the crawler's public API."""
