/** Whether the palette is open: it is found by Ctrl+K on every page. */
class Palette {
  open = $state(false);
}

export const palette = new Palette();

/** Ctrl+K (⌘K) opens it from anywhere, a text field too; a dialog that is open stays alone. */
export function paletteKey(event: KeyboardEvent): void {
  if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault(); // the browser would look for something in its own bar
  if (!document.querySelector('.modal')) palette.open = true;
}
