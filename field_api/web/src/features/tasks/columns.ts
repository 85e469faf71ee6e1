/** Tasks by how far they are, and which of them are late. */
import type { Task, TaskState } from '$shared/api/records';

export const COLUMNS = ['sent', 'acknowledged', 'en_route', 'on_scene', 'over'] as const;
export type Column = (typeof COLUMNS)[number];

const OVER: readonly TaskState[] = ['done', 'refused', 'cancelled'];

export const isOver = ({ state }: Pick<Task, 'state'>): boolean => OVER.includes(state);

export const columnOf = (task: Pick<Task, 'state'>): Column => (isOver(task) ? 'over' : (task.state as Column));

/** Nobody acknowledged it in time, or they should have been on the scene by now. */
export function isLate({ state, escalated_ms, due_ms }: Pick<Task, 'state' | 'escalated_ms' | 'due_ms'>, nowMs: number): boolean {
  if (isOver({ state }) || state === 'on_scene') return false;
  return (state === 'sent' && escalated_ms !== null) || (due_ms !== null && nowMs > due_ms);
}

/** The late ones first, then the oldest; what has ended, the newest first. */
export function boardOf<T extends Pick<Task, 'state' | 'escalated_ms' | 'due_ms' | 'created_ms'>>(tasks: readonly T[], nowMs: number): Record<Column, T[]> {
  const board: Record<Column, T[]> = { sent: [], acknowledged: [], en_route: [], on_scene: [], over: [] };
  for (const task of tasks) board[columnOf(task)].push(task);
  for (const column of COLUMNS) {
    board[column].sort((a, b) =>
      column === 'over' ? b.created_ms - a.created_ms : Number(isLate(b, nowMs)) - Number(isLate(a, nowMs)) || a.created_ms - b.created_ms,
    );
  }
  return board;
}
