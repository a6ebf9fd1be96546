"""The only wiring: settings, stores, services, routes, the heartbeat; start and stop."""
