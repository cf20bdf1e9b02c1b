/** A figure over the whole window: both colour versions, so that the page's colours still choose. Escape, a click or the button close it. */
export function enlarge(link) {
  const [shown] = [...link.querySelectorAll("img")].filter((image) => image.offsetParent);
  const dialog = Object.assign(document.createElement("dialog"), { className: "enlarged" });
  dialog.setAttribute("aria-label", `放大的图：${shown.alt}`);
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "关闭", autofocus: true });
  const room = Object.assign(document.createElement("div"), { tabIndex: 0, className: "enlarged-room" });
  room.setAttribute("role", "region");
  room.setAttribute("aria-label", "图，可以滚动");
  for (const image of link.querySelectorAll("img")) {
    const copy = image.cloneNode();
    copy.loading = "eager";
    copy.style.setProperty("--ratio", image.getAttribute("width") / image.getAttribute("height"));
    room.append(copy);
  }
  dialog.append(close, room);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
