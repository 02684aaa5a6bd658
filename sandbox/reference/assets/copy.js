// Puts a button for copying beside each block of commands.
for (const block of document.querySelectorAll("pre[data-copy]")) {
  const frame = document.createElement("div");
  frame.className = "copyable";
  block.replaceWith(frame);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  frame.append(block, button);
  let back;
  button.addEventListener("click", async () => {
    button.textContent = (await copy(block)) ? "Copied" : "Press Ctrl+C";
    clearTimeout(back);
    back = setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// copy reports whether the text of a block is in the clipboard. Where the browser gives no access to it, as it does for
// an address that other machines can reach, the text is selected.
async function copy(block) {
  try {
    await navigator.clipboard.writeText(block.textContent + "\n");
    return true;
  } catch {
    getSelection().selectAllChildren(block);
    return document.execCommand("copy");
  }
}
