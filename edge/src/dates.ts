/**
 * Days of the calendar. The schema's patterns judge how a date or a moment is written; the compiled
 * validator calls these, by the names of JSON Schema, for what a pattern cannot say.
 */
export const formats = { date: beginsWithDay, "date-time": beginsWithDay };

/** 2026-02-30 has the right look and is no day: the Date it names is another one. */
function beginsWithDay(text: string): boolean {
  const day = text.slice(0, 10);
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(day);
}
