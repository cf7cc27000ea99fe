"""What every request and response passes: headers, sizes, rate limits and the log of requests. One subject a file, each a middleware."""
