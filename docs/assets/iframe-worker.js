// Pages that are opened from the disk may start no worker, and the search is one: a hidden frame
// does the same work there. On a server nothing is changed.
"use strict";
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.srcdoc = "<body></body>";
      this.isReady = new Promise((resolve) => {
        frame.addEventListener("load", () => this.#begin(frame, address, resolve), { once: true });
      });
      document.body.append(frame);
    }

    #begin(frame, address, resolve) {
      this.inside = frame.contentWindow;
      this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const script = frame.contentDocument.createElement("script");
      script.src = address;
      script.addEventListener("load", resolve);
      frame.contentDocument.body.append(script);
    }

    postMessage(data) {
      this.isReady.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
