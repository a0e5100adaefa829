"""The page of the Telegram sandbox in a real browser."""

import struct

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters

from snipersight.sandbox.telegram import RateLimits, SandboxChat, Standing, TelegramSandbox
from tests.builders.pictures import png
from tests.fakes.browser import NO_BROWSER, PROGRAM, opened, running_browser

pytestmark = pytest.mark.skipif(not PROGRAM, reason=NO_BROWSER)
ME = 1001
FREE = RateLimits(overall_per_s=1000, chat_per_s=1000, group_per_min=1000)
HOSTILE = (
    "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    "<a href=\"javascript:document.title='run'\">x</a>"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with running_browser(tmp_path_factory.mktemp("browser")) as port:
        yield port


@pytest.fixture
async def server():
    chats = [
        SandboxChat(id=ME, title="You"),
        SandboxChat(id=-1002, title=HOSTILE, standing=Standing.KICKED),
    ]
    async with TelegramSandbox(chats=chats, limits=FREE) as server:
        yield server


@pytest.fixture
async def bot(server):
    async with Bot(server.token, base_url=f"{server.url}/bot") as bot:
        yield bot


async def test_no_script_of_a_message_title_or_button_runs(server, bot, browser):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(HOSTILE, callback_data=HOSTILE[:64])]])
    await bot.send_message(ME, HOSTILE, reply_markup=keyboard)
    await bot.send_message(ME, f"```{HOSTILE.replace(' ', '')}\ncode```", parse_mode="MarkdownV2")
    await bot.send_photo(ME, png(40, 40), caption=HOSTILE)
    server.write_as_user(ME, HOSTILE)
    async with opened(browser, server.url) as page:
        await page.until("document.querySelectorAll('.message').length === 4")
        assert await page.run("document.querySelector('.text').textContent") == HOSTILE
        assert await page.run("document.querySelectorAll('.message script, .text img').length") == 0
        assert await page.run("document.title") == "Telegram sandbox"


async def test_a_phone_shows_words_pictures_quotes_and_marks_within_its_width(server, bot, browser):
    await bot.send_message(ME, "<b>LONG</b> <i>a<u>b</u></i> 🏟 <code>x</code>", parse_mode="HTML")
    await bot.send_photo(ME, png(900, 500), caption="W" * 300, disable_notification=True)
    await bot.send_message(ME, "done", reply_parameters=ReplyParameters(1))
    async with opened(browser, server.url) as page:
        await page.until("document.querySelectorAll('.message').length === 3")
        await page.until("document.querySelector('.bubble img')?.naturalWidth === 900")
        assert await page.run("document.querySelector('.text').innerHTML") == (
            "<b>LONG</b> <i>a<u>b</u></i> 🏟 <code>x</code>"
        )
        assert await page.run("document.querySelector('.reply').textContent") == "LONG ab 🏟 x"
        assert "silent" in await page.run("document.querySelectorAll('.meta')[1].textContent")
        assert await page.run("document.documentElement.scrollWidth") == 390
        assert (
            await page.run("document.querySelector('.bubble img').getBoundingClientRect().width")
            < 390
        )
        picture = await page.picture()
    assert struct.unpack_from(">II", picture, 16) == (390, 844)
    assert len(set(picture)) > 200


async def test_a_button_pressed_and_words_written_on_the_page_reach_the_bot(server, bot, browser):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Took it", callback_data="took:7")]])
    await bot.send_message(ME, "signal", reply_markup=keyboard)
    async with opened(browser, server.url) as page:
        await page.until("document.querySelector('.row button') !== null")
        await page.run("document.querySelector('.row button').click()")
        (pressed,) = await bot.get_updates(timeout=10)
        assert pressed.callback_query is not None
        assert pressed.callback_query.data == "took:7"
        await bot.answer_callback_query(pressed.callback_query.id, "Noted: took it")
        await page.until("document.getElementById('notice').textContent === 'Noted: took it'")
        await page.run("document.getElementById('text').value = '/status <b>'")
        await page.run("document.querySelector('#write button').click()")
        (written,) = await bot.get_updates(offset=pressed.update_id + 1, timeout=10)
        assert written.message is not None
        assert (written.message.text, written.message.chat.id) == ("/status <b>", ME)


async def test_the_page_follows_what_happens_and_changes_chats(server, bot, browser):
    async with opened(browser, server.url, width=1000) as page:
        await page.until("document.querySelector('.empty') !== null")
        sent = await bot.send_message(ME, "first")
        await page.until("document.querySelector('.text')?.textContent === 'first'")
        await bot.edit_message_text("second", ME, sent.message_id)
        await page.until("document.querySelector('.text')?.textContent === 'second'")
        await page.run("document.querySelectorAll('nav button')[1].click()")
        await page.until("document.getElementById('standing').textContent === 'kicked'")
        assert await page.run("document.getElementById('title').textContent") == HOSTILE
        server.chats.put(SandboxChat(id=-1002, title="Open again"))
        await page.until("document.getElementById('title').textContent === 'Open again'")
