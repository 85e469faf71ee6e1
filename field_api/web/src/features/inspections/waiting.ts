/** Papers that wait for approval: urgent measures that were taken already come first. */
import { papers, type Paper } from './api';

export const waiting = (): Paper[] =>
  papers.all
    .filter(
      (paper) =>
        paper.state !== 'dropped' &&
        (paper.approval === 'asked' || (paper.approval_due_ms !== null && paper.approval !== 'approved')),
    )
    .sort((a, b) => Number(b.urgent) - Number(a.urgent) || a.begun_ms - b.begun_ms);
