/** From a filled-in draft to an issued paper: number, bytes without signatures, signatures, bytes. */
import type { Form } from '$shared/paper/forms';
import { qrRows } from '$shared/paper/qr';
import type { Casework } from './casework.svelte';
import { contentOf, type Printed } from './content';
import { signedHere } from './device-key';
import { isRemembered } from './fill';
import type { Inspection, Paper, PaperContent, Signature } from './wire';
import type { Typeset, Typesetter } from './typesetting';

/** Why a paper cannot be prepared: a text's key. */
export type Lacking = 'no-number' | 'no-office' | 'no-typesetter';

export interface Prepared {
  printed: Printed;
  unsigned: Typeset;
}

/** Where anybody who was handed a paper checks it. */
export const verificationLink = (paperId: string): string => `${location.origin}/verify/${paperId}`;

/** What a form without numbers carries in their place. */
const NO_NUMBER = '';

/** The paper as its signers see it. Its number is kept for it from now on. */
export async function prepare(
  casework: Casework,
  typesetter: Typesetter,
  { form, paper, inspection }: { form: Form; paper: Paper; inspection: Inspection },
): Promise<Prepared | Lacking> {
  const office = casework.office(inspection.office_id);
  if (!office) return 'no-office';
  if (!navigator.onLine && !(await typesetter.ready())) return 'no-typesetter';
  const replaced = casework.paper(paper.replaces);
  // A new version keeps the number that the paper has.
  const number = replaced?.number ?? (form.series ? (await casework.numbers.keepFor(paper, inspection))?.text : NO_NUMBER);
  if (number === undefined) return 'no-number';
  const hazards = paper.hazard_ids.map(casework.hazard).filter((hazard) => hazard !== undefined);
  const named = hazards.flatMap((hazard, at) => hazard.media.map((sha256) => ({ sha256, caption: `${at + 1}. ${hazard.text}`, foundMs: hazard.found_ms })));
  const stored = await casework.handheld.database.photos.bulkGet(named.map(({ sha256 }) => sha256));
  const printed: Printed = {
    form,
    paper,
    inspection,
    enterprise: casework.enterprise(inspection.enterprise_id),
    office,
    officers: casework.officersOf(inspection),
    hazards,
    clause: casework.clause,
    pictures: named.map(({ sha256, caption, foundMs }, at) => ({ sha256, caption, takenMs: stored[at]?.takenMs ?? foundMs })),
    number,
    replacesNumber: replaced?.number ?? '',
    day: casework.today,
  };
  return { printed, unsigned: await typesetter.typeset(contentOf(printed, [], '', qrRows(verificationLink(paper.id)))) };
}

/** Issue it: the signed bytes are stored here, what is sent names them by their hash. */
export async function issue(
  casework: Casework,
  typesetter: Typesetter,
  { printed, unsigned }: Prepared,
  signatures: Signature[],
): Promise<PaperContent> {
  const { paper, inspection } = printed;
  const content = contentOf(printed, signatures, unsigned.sha256, qrRows(verificationLink(paper.id)));
  const { pdf, sha256, templateSha256 } = await typesetter.typeset(content);
  const { database } = casework.handheld;
  await database.documents.put({ sha256, paperId: paper.id, pdf });
  await casework.do('paper.issue', paper.id, inspection.id, {
    content,
    sha256,
    template_sha256: templateSha256,
    ...(await signedHere(database, sha256)),
  });
  for (const { name, fill } of printed.form.fields) {
    const value = paper.values[name];
    if (isRemembered(fill) && value) await casework.notes.put(`last:${fill}`, value);
  }
  await casework.notes.drop(`number:${paper.id}`);
  await casework.notes.drop(`signatures:${paper.id}`);
  return content;
}
