"""What becomes of what is exposed: answers, dates, agreements, and how long exposures last."""
