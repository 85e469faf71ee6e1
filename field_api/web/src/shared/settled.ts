/** Many changes at once lead to one call, a moment after the first of them. */
export function settled(act: () => void, afterMs = 800): { (): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      act();
    }, afterMs);
  };
  return Object.assign(soon, {
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  });
}
