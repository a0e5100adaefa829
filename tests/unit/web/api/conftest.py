import pytest

from tests.fakes.dashboard_home import api_app, dashboard_home, services_of


@pytest.fixture(scope="package")
def settings(tmp_path_factory):
    with dashboard_home(tmp_path_factory.mktemp("home")) as settings:
        yield settings


@pytest.fixture(scope="package")
def services(settings):
    with services_of(settings) as services:
        yield services


@pytest.fixture(scope="package")
def app(services):
    return api_app(services)
