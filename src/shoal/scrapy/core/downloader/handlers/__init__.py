"""What fetches a request, by the scheme of its URL."""
