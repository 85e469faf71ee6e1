/** Checks of a plan by what they mean: a refusal, something open, what has to be known, what passed. */
import type { Check } from '$shared/api/records';

export interface Judged {
  refused: Check[];
  cautions: Check[];
  /** To be known; nothing was tested. */
  notes: Check[];
  passed: Check[];
}

export function judge(checks: readonly Check[]): Judged {
  const failed = checks.filter((check) => !check.passed);
  const held = checks.filter((check) => check.passed);
  return {
    refused: failed.filter((check) => check.severity === 'block'),
    cautions: failed.filter((check) => check.severity !== 'block'),
    notes: held.filter((check) => check.severity === 'info'),
    passed: held.filter((check) => check.severity !== 'info'),
  };
}

/** The article a check comes from; our own requirements' numbers say nothing to who flies. */
export function article(check: Check): string {
  return check.source.startsWith('条例') || check.source.startsWith('本单位') ? check.source : '';
}
