// Shows a chat as a phone would. Every text goes in as text, never as markup.
"use strict";

const POLL_MS = 700;
const state = { chat: new URLSearchParams(location.search).get("chat"), revision: null, answers: {} };
const at = (id) => document.getElementById(id);

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span", text_link: "a",
};

const BLOCKS = new Set(["PRE", "BLOCKQUOTE"]);

function elementFor(entity) {
  const element = make(TAGS[entity.type] || "span");
  if (entity.type === "text_link" && /^(https?|tg):\/\//.test(entity.url)) {
    element.href = entity.url;
    element.target = "_blank";
    element.rel = "noopener noreferrer";
  }
  if (entity.type === "pre" && entity.language) element.dataset.language = entity.language;
  if (entity.type === "spoiler") {
    element.className = "spoiler";
    element.addEventListener("click", () => element.classList.toggle("is-open"));
  }
  return element;
}

// Entities nest and are sorted, the outer before the inner; JavaScript counts as Telegram does.
function textOf(text, entities) {
  const root = make("div", undefined, "text");
  const open = [{ element: root, end: text.length }];
  let place = 0;
  const flush = (until) => {
    if (until > place) open.at(-1).element.append(text.slice(place, until));
    place = Math.max(place, until);
  };
  const closeUntil = (offset) => {
    while (open.length > 1 && open.at(-1).end <= offset) {
      flush(open.at(-1).end);
      const closed = open.pop().element;
      // A block ends its line by itself; the break behind it would be an empty line.
      if (BLOCKS.has(closed.tagName) && !text.slice(0, place).endsWith("\n") && text[place] === "\n") place += 1;
    }
  };
  for (const entity of entities) {
    closeUntil(entity.offset);
    flush(entity.offset);
    const element = elementFor(entity);
    open.at(-1).element.append(element);
    open.push({ element, end: entity.offset + entity.length });
  }
  closeUntil(text.length);
  flush(text.length);
  return root;
}

function two(number) {
  return String(number).padStart(2, "0");
}

function clockOf(ms) {
  const time = new Date(ms);
  return `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
}

function dayOf(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

function metaOf(message) {
  const meta = make("div", undefined, "meta");
  if (message.fault) meta.append(make("span", message.fault, "fault"));
  if (message.is_silent) {
    const mark = make("span", "silent");
    mark.title = "arrived without a sound";
    meta.append(mark);
  }
  if (message.edited_ms !== null) meta.append(make("span", "edited"));
  const time = make("time", clockOf(message.at_ms));
  time.dateTime = new Date(message.at_ms).toISOString();
  time.title = `${time.dateTime}, message ${message.message_id}`;
  meta.append(time);
  return meta;
}

function pictureOf(message) {
  const picture = make("img");
  picture.src = `/sandbox/photos/${encodeURIComponent(message.photo.file_id)}`;
  picture.width = message.photo.width;
  picture.height = message.photo.height;
  picture.alt = "picture";
  return picture;
}

function quoteOf(message, known) {
  const replied = known.get(message.reply_to);
  const line = replied ? replied.text.split("\n")[0] || "picture" : `message ${message.reply_to}`;
  return make("div", line, "reply");
}

function buttonOf(message, button) {
  if (button.url) {
    const link = make("a", `${button.text} ↗`);
    if (/^(https?|tg):\/\//.test(button.url)) link.href = button.url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  }
  const element = make("button", button.text);
  element.type = "button";
  element.addEventListener("click", () => press(message, button.callback_data));
  return element;
}

function messageOf(message, known) {
  const item = make("li", undefined, message.is_users ? "message is-own" : "message");
  const bubble = make("div", undefined, "bubble");
  if (message.photo) bubble.append(pictureOf(message));
  if (message.reply_to !== null) bubble.append(quoteOf(message, known));
  if (message.text) bubble.append(textOf(message.text, message.entities));
  bubble.append(metaOf(message));
  item.append(bubble);
  for (const buttons of message.keyboard) {
    const row = make("div", undefined, "row");
    row.append(...buttons.map((button) => buttonOf(message, button)));
    item.append(row);
  }
  return item;
}

function drawMessages(messages) {
  const list = at("messages");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const known = new Map(messages.map((message) => [message.message_id, message]));
  const items = [];
  let day = "";
  for (const message of messages) {
    if (dayOf(message.at_ms) !== day) {
      day = dayOf(message.at_ms);
      items.push(make("li", `${day} UTC`, "day"));
    }
    items.push(messageOf(message, known));
  }
  list.replaceChildren(...(items.length ? items : [make("li", "No messages yet", "empty")]));
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

function drawChats(chats) {
  const items = chats.map((chat) => {
    const button = make("button");
    button.type = "button";
    button.setAttribute("aria-current", String(String(chat.id) === state.chat));
    button.append(make("span", [...chat.name][0], "avatar"), make("b", chat.name));
    button.append(make("small", chat.standing === "open" ? chat.last || chat.type : chat.standing));
    button.addEventListener("click", () => show(String(chat.id)));
    const item = make("li");
    item.append(button);
    return item;
  });
  at("chats").replaceChildren(...items);
}

function drawHead(chats) {
  const chat = chats.find((one) => String(one.id) === state.chat);
  if (!chat) return;
  at("title").textContent = chat.name;
  at("avatar").textContent = [...chat.name][0];
  const isOpen = chat.standing === "open";
  at("standing").textContent = isOpen ? `${chat.type} · ${chat.id}` : chat.standing.replaceAll("_", " ");
  at("standing").classList.toggle("is-shut", !isOpen);
}

function draw(view) {
  if (view.revision === state.revision || !view.chats) return;
  if (!view.chats.some((chat) => String(chat.id) === state.chat) && view.chats.length) {
    show(String(view.chats[0].id));
    return;
  }
  state.revision = view.revision;
  for (const [query, text] of Object.entries(view.answers)) {
    if (!(query in state.answers) && text) say(text);
  }
  state.answers = view.answers;
  drawChats(view.chats);
  drawHead(view.chats);
  drawMessages(view.messages);
}

function say(text) {
  at("notice").textContent = text;
}

function show(chat) {
  state.chat = chat;
  state.revision = null;
  document.body.classList.remove("shows-chats");
  history.replaceState(null, "", `?chat=${encodeURIComponent(chat)}`);
  refresh();
}

async function refresh() {
  const query = new URLSearchParams({ chat_id: state.chat || "" });
  if (state.revision !== null) query.set("revision", state.revision);
  const wanted = state.chat;
  try {
    const answer = await fetch(`/sandbox/view?${query}`);
    const view = await answer.json();
    if (wanted === state.chat) draw(view);
  } catch (error) {
    say("The sandbox has stopped.");
  }
}

async function post(path, body) {
  say("");
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) say((await answer.json()).error);
    return answer.ok;
  } catch (error) {
    say("The sandbox has stopped.");
    return false;
  }
}

async function press(message, data) {
  await post("/sandbox/press", { chat_id: message.chat_id, message_id: message.message_id, data });
  await refresh();
}

at("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text) return;
  if (await post("/sandbox/text", { chat_id: state.chat, text })) at("text").value = "";
  await refresh();
});
at("back").addEventListener("click", () => document.body.classList.add("shows-chats"));

async function live() {
  await refresh();
  setTimeout(live, POLL_MS);
}
live();
