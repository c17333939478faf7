"""The ports made real: mail by Django, webhooks over HTTP."""
