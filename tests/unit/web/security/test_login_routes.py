"""Logging in and out of a browser: cookies, wrong tokens, links, and where one goes on to."""

from http.cookies import SimpleCookie

import httpx

from snipersight.bootstrap.access.logins import Links
from snipersight.domain.access import Scope
from snipersight.web.security.origins import Place
from tests.fakes.dashboard_access import Door
from tests.fakes.guarded import OWN, Line, a_guarded_app, a_keeping, knocking, logins_of

FROM_US = {"origin": OWN, "sec-fetch-site": "same-origin", "accept": "text/html"}
PUBLIC = Place(host="127.0.0.1", public_url="https://bot.example.org")


def visiting(
    door: Door, place: Place | None = None, links: Links | None = None
) -> httpx.AsyncClient:
    keeping = a_keeping(door, place)
    return knocking(a_guarded_app(keeping, logins_of(door, links)), **FROM_US)


async def log_in(client: httpx.AsyncClient, token: str, **more: str) -> httpx.Response:
    return await client.post("/login", data={"token": token, **more})


async def test_a_browser_types_its_token_once_and_is_known_from_then_on(door):
    async with visiting(door) as client:
        token = door.token("laptop", Scope.TRADE)
        answer = await log_in(client, f" {token} ", next="/signals?symbol=BTC")
        assert (answer.status_code, answer.headers["location"]) == (303, "/signals?symbol=BTC")
        assert (await client.get("/")).json() == {"name": "laptop"}
        assert (await client.post("/trade")).json() == {"actor": "dashboard:laptop"}
        assert (await client.post("/admin")).status_code == 403


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(door):
    async with visiting(door) as client:
        token = door.token()
        answer = await log_in(client, token)
        (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
        assert cookie.key == "snipersight_8321"
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
        assert (cookie["secure"], token in cookie.value) == ("", False)


async def test_over_https_the_cookie_never_leaves_by_http(door):
    async with visiting(door, PUBLIC) as client:
        there = {"host": "bot.example.org", "origin": "https://bot.example.org"}
        answer = await client.post("/login", data={"token": door.token()}, headers=there)
        (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
        assert (cookie.key, cookie["secure"]) == ("__Host-snipersight", True)


async def test_after_logging_out_the_cookie_is_worth_nothing_wherever_it_was_kept(door):
    async with visiting(door) as client:
        await log_in(client, door.token())
        (kept,) = client.cookies.jar
        asked = await client.get("/logout")
        assert 'action="/logout"' in asked.text
        assert (await client.get("/")).status_code == 200  # to look at it does nothing
        answer = await client.post("/logout")
        assert answer.headers["location"] == "/login"
        assert not list(client.cookies.jar)
        stolen = {"cookie": f"{kept.name}={kept.value}"}
        assert (await client.get("/", headers=stolen)).status_code == 303


async def test_a_page_that_is_open_loses_its_connection_when_its_browser_is_logged_out(door):
    app = a_guarded_app(a_keeping(door), logins_of(door))
    async with knocking(app, **FROM_US) as client:
        await log_in(client, door.token())
        (kept,) = client.cookies.jar
        line = Line(app, cookie=f"{kept.name}={kept.value}", origin=OWN)
        assert (await line.heard())["type"] == "websocket.accept"
        line.say("there")
        assert (await line.heard())["text"] == "there"
        await client.post("/logout")
        assert await line.heard() == {"type": "websocket.close", "code": 1008}
        await line.ended()


async def test_a_wrong_token_is_told_and_counted_but_a_stale_cookie_is_not(door):
    async with visiting(door) as client:
        for _ in range(20):
            stale = {"cookie": "snipersight_8321=stale"}
            assert (await client.get("/", headers=stale)).status_code == 303
        answers = [await log_in(client, f"wrong{number}") for number in range(11)]
        assert [one.status_code for one in answers] == [401] * 10 + [429]
        assert 'role="alert">This token is not valid' in answers[0].text
        assert "Try again in 60 seconds." in answers[-1].text
        assert (await log_in(client, door.token())).status_code == 429
        door.hands.pass_s(60)
        assert (await log_in(client, door.token("phone"))).status_code == 303


async def test_a_login_is_sent_by_our_own_page_alone(door):
    async with visiting(door) as client:
        token = door.token()
        for origin in ("http://evil.example", "null", "http://127.0.0.1:9999"):
            answer = await client.post("/login", data={"token": token}, headers={"origin": origin})
            assert answer.status_code == 403
        assert not list(client.cookies.jar)


async def test_a_login_goes_on_to_no_other_site_and_shows_texts_as_text(door):
    async with visiting(door) as client:
        answer = await log_in(client, door.token(), next="//evil.example")
        assert answer.headers["location"] == "/"
        page = await client.get("/login", params={"next": '/"><script>alert(1)</script>'})
        assert "<script>" not in page.text
        page = await client.get("/login/once", params={"code": '"><script>alert(1)</script>'})
        assert "<script>" not in page.text


async def test_a_link_of_the_terminal_lets_one_browser_in_and_looking_at_it_does_not_use_it_up(
    door,
):
    links = Links()
    code = links.make()
    async with visiting(door, links=links) as client:
        for _ in range(3):
            page = await client.get("/login/once", params={"code": code})
            assert code in page.text
        answer = await client.post("/login/once", data={"code": code})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await client.get("/")).json()["name"].startswith("terminal-")
    async with visiting(door, links=links) as other:
        refused = await other.post("/login/once", data={"code": code})
        assert refused.status_code == 401
        assert "was used" in refused.text


async def test_a_form_that_is_too_long_or_no_text_at_all_is_a_wrong_token(door):
    async with visiting(door) as client:
        for body in (b"token=" + b"x" * 5000, b"\xff\xfe", b"&&&", b""):
            assert (await client.post("/login", content=body)).status_code == 401


async def test_while_the_store_is_away_the_login_says_so(door):
    async with visiting(door) as client:
        token = door.token()
        door.close_files()
        moved = door.database_file.rename(door.database_file.with_suffix(".away"))
        refused = await log_in(client, token)
        assert refused.status_code == 503
        assert "Nobody can be let in now" in refused.text
        moved.rename(door.database_file)
        assert (await log_in(client, token)).status_code == 303
