/** The warning or draft that the page shows. */
class Chosen {
  id = $state<string | null>(null);
}

export const chosen = new Chosen();
