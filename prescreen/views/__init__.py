"""The pages. Views translate between HTTP and the screening; they do not decide."""
