"""Foundation: asking twice acts once. A key names one request of one person; its answer stands with what it did."""
