"""What every route needs: who is asking, what an error looks like, idempotency, limits, streaming.

HTTP statuses are decided here and nowhere below.
"""
