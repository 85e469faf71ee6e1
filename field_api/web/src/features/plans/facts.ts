/** What is stated of a flight: yes, no, or not stated, which the law takes as the stricter. */
import type { FlightFacts } from '$shared/api/records';

export const FACTS = [
  'internet_relay',
  'drops',
  'over_people',
  'from_moving_vehicle',
  'distributed',
  'crewed_traffic',
  'bvlos',
  'low_visibility',
  'service_aircraft',
  'own_ground',
  'atc_confirmed',
] as const;
export type Fact = (typeof FACTS)[number];

export type Answer = 'yes' | 'no' | '';

export function answerOf(facts: FlightFacts, fact: Fact): Answer {
  const value = facts[fact];
  return value === true ? 'yes' : value === false ? 'no' : '';
}

export function withAnswer(facts: FlightFacts, fact: Fact, answer: Answer): FlightFacts {
  return { ...facts, [fact]: answer === '' ? null : answer === 'yes' };
}

/** Whatever nobody stated is stated not to be so. */
export function restNo(facts: FlightFacts): FlightFacts {
  return FACTS.reduce((all, fact) => (answerOf(all, fact) ? all : withAnswer(all, fact, 'no')), facts);
}

export function openFacts(facts: FlightFacts): Fact[] {
  return FACTS.filter((fact) => !answerOf(facts, fact));
}

export function sameFacts(one: FlightFacts, other: FlightFacts): boolean {
  const approval = (facts: FlightFacts) => facts.height_approval_id ?? null;
  return (
    FACTS.every((fact) => answerOf(one, fact) === answerOf(other, fact)) &&
    approval(one) === approval(other) &&
    (one.loudspeaker ?? false) === (other.loudspeaker ?? false)
  );
}
