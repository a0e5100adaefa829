from tests.fakes.dashboard_access import door

__all__ = ["door"]
