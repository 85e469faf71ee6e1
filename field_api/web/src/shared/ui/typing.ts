/** Where a letter is a letter, not a command. */
const TYPED_INTO =
  'textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="file"])';

/** Whether a key is meant for the page: not typed into a field, a dialog, or the browser. */
export function meantForPage(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  return !(event.target as HTMLElement).closest?.(`${TYPED_INTO}, .modal, [data-popover-content]`);
}
