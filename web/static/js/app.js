// Comfort only: every page works without this file.

const summary = document.querySelector('.error-summary, .receipt');
if (summary) summary.focus();

// A second click on the way sends nothing. The form is free again when the page comes back from the browser's history,
// and after a while, should the answer never come.
const sent = new WeakSet();
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  const button = event.submitter;
  // Disabled only after the browser has read the form, else the button's own value would be missing.
  if (button) setTimeout(() => { button.disabled = true; });
  setTimeout(() => release(form), 10000);
});
addEventListener('pageshow', () => { for (const form of document.forms) release(form); });

function release(form) {
  sent.delete(form);
  for (const button of form.querySelectorAll('button')) button.disabled = false;
}

// A key that is held down decides once, not on the next page as well.
document.addEventListener('keydown', (event) => {
  if (event.repeat && event.target.closest('[data-once]')) event.preventDefault();
});

const search = document.querySelector('input[type=search]');
if (search) {
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, textarea, select, [contenteditable]');
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
}

const box = document.querySelector('[data-pin-seconds]');
if (box) guardPIN(box);

// The PIN leaves the page after its seconds, at the button, when the page is out of sight and when it is left, so that
// neither the browser's history nor a look over the shoulder shows it. It comes back only by a new request.
function guardPIN(box) {
  const seconds = Number(box.dataset.pinSeconds);
  const end = performance.now() + seconds * 1000;
  const count = box.querySelector('[data-pin-count]');
  const bar = box.querySelector('[data-pin-bar]');
  for (const part of box.querySelectorAll('[data-pin-script]')) part.hidden = false;

  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    count.textContent = left;
    bar.style.transform = `scaleX(${left / seconds})`;
    if (left === 0) hide(false);
  }, 250);

  function hide(move) {
    clearInterval(timer);
    const open = box.querySelector('[data-pin-open]');
    if (!open) return;
    open.remove();
    const gone = box.querySelector('[data-pin-gone]');
    gone.hidden = false;
    if (move) gone.focus();
  }

  box.querySelector('[data-pin-hide]').addEventListener('click', () => hide(true));
  addEventListener('pagehide', () => hide(false));
  document.addEventListener('visibilitychange', () => { if (document.hidden) hide(false); });
}
