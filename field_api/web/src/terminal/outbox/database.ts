/** What the handheld keeps through being killed, restarted and cut off from the network. */
import Dexie, { type Table, type Transaction } from 'dexie';
import type {
  AddPiece,
  AskView,
  BeginRecording,
  CancelSos,
  CheckIn,
  Drawing,
  EndRecording,
  FieldReport,
  Incident,
  MakeDrawing,
  MakePointer,
  Message,
  MessageMark,
  Pointer,
  QuickReport,
  RaiseSos,
  Recording,
  RollAsk,
  SayWell,
  SeenWarning,
  SendMessage,
  Session,
  Sos,
  Task,
  TaskReportBody,
  Transition,
  User,
  ViewRequest,
  Warning,
  WarningReceipt,
  WithdrawView,
} from '$shared/api/records';
import type * as wire from '../inspections/wire';
import type { InspectionWork } from '../inspections/work';
import type { DangerZone, Zone } from '../map/zones';
import type { StoredPin } from '../pin/pin';

export interface Photo {
  sha256: string;
  picture: Blob;
  takenMs: number;
  /** Whether the command post has it, as far as is known here. */
  uploaded: 0 | 1;
  lat_deg?: number | null;
  lon_deg?: number | null;
  /** `original` is as the camera gave it, `photo` has time and place burnt in. */
  role?: 'photo' | 'original' | 'voice' | 'piece';
  /** Of a copy: the SHA-256 of its original. */
  of?: string;
  /** This handheld's signature of hash, time and place, base64url. */
  signature?: string;
}

/** One thing done here: an operation of the command post, its target and its body. */
export type Work =
  | { op: 'task.move'; target: string; body: Transition }
  | { op: 'task.report'; target: string; body: TaskReportBody }
  | { op: 'report.quick'; target: ''; body: QuickReport }
  | { op: 'sos.raise'; target: ''; body: RaiseSos }
  | { op: 'sos.cancel'; target: string; body: CancelSos }
  | { op: 'message.send'; target: ''; body: SendMessage }
  | { op: 'view.ask'; target: ''; body: AskView }
  | { op: 'view.withdraw'; target: string; body: WithdrawView }
  | { op: 'warning.seen'; target: string; body: SeenWarning }
  | { op: 'check_in.say'; target: string; body: SayWell }
  | { op: 'roll.answer'; target: string; body: SayWell }
  | { op: 'drawing.make'; target: ''; body: MakeDrawing }
  | { op: 'pointer.make'; target: ''; body: MakePointer }
  | { op: 'recording.begin'; target: ''; body: BeginRecording }
  | { op: 'recording.piece'; target: string; body: AddPiece }
  | { op: 'recording.end'; target: string; body: EndRecording }
  /** `dossier`: the inspection it is part of; items of one go in their order. */
  | (InspectionWork & { dossier?: string });

/**
 * `waiting` goes out by itself; `pictures` has arrived but for its pictures; `refused` waits for a
 * person; `sent` is kept as a receipt.
 */
export type ItemState = 'waiting' | 'pictures' | 'refused' | 'sent';

export interface OutboxItem {
  /** The record's own id: sending it twice is harmless. */
  id: string;
  /** Counts up: items go out in the order they were made. */
  order: number;
  /** Who did it. Only they may send it: it goes on record under their name. */
  author: string;
  authorName: string;
  work: Work;
  state: ItemState;
  tries: number;
  /** Why it is not there yet, as the server said it. */
  reasonZh: string;
  reasonEn: string;
  madeMs: number;
  /** It stays here until then, so that it can be taken back. */
  heldUntilMs?: number;
  sentMs: number | null;
}

export interface StoredSession {
  key: 'me';
  user: User;
  token: string | null;
  /** Whether the command post wants a PIN here; sessions of before know nothing of it. */
  pin?: PinRule;
}
export type PinRule = Session['handheld_pin'];

/** This installation, whoever holds it. */
export interface StoredDevice {
  key: 'me';
  id: string;
  /** Given at enrolment. */
  token: string | null;
}

/** How far the records of a person were pulled. */
export interface StoredCursor {
  key: 'pull';
  userId: string;
  cursor: string | null;
}

/** Changes of a record that are not in the outbox yet: written with every key that is pressed. */
export interface Draft {
  /** Id of the paper or hazard. */
  id: string;
  op: 'paper.edit' | 'hazard.edit' | 'hazard.find';
  dossier: string;
  author: string;
  authorName: string;
  was: wire.Values;
  now: wire.Values;
  changedMs: number;
}

/** What a person has begun and not finished: signatures, answers, where they were. */
export interface Note {
  key: string;
  author: string;
  value: unknown;
}

/** A typeset document as it was signed here. */
export interface StoredDocument {
  sha256: string;
  paperId: string;
  pdf: Blob;
}

export class TerminalDatabase extends Dexie {
  outbox!: Table<OutboxItem, string>;
  photos!: Table<Photo, string>;
  tasks!: Table<Task, string>;
  session!: Table<StoredSession, string>;
  device!: Table<StoredDevice, string>;
  cursor!: Table<StoredCursor, string>;
  inspections!: Table<wire.Inspection, string>;
  papers!: Table<wire.Paper, string>;
  hazards!: Table<wire.Hazard, string>;
  numberBlocks!: Table<wire.NumberBlock, string>;
  enterprises!: Table<wire.Enterprise, string>;
  offices!: Table<wire.Office, string>;
  officers!: Table<wire.Officer, string>;
  clauses!: Table<wire.Clause, string>;
  checklistItems!: Table<wire.ChecklistItem, string>;
  holidays!: Table<wire.Holiday, string>;
  drafts!: Table<Draft, string>;
  notes!: Table<Note, string>;
  documents!: Table<StoredDocument, string>;
  keys!: Table<{ id: string; pair: CryptoKeyPair }, string>;
  fieldReports!: Table<FieldReport, string>;
  calls!: Table<Sos, string>;
  incidents!: Table<Incident, string>;
  messages!: Table<Message, string>;
  messageMarks!: Table<MessageMark, string>;
  recordings!: Table<Recording, string>;
  pins!: Table<StoredPin, string>;
  airspace!: Table<Zone, string>;
  dangerZones!: Table<DangerZone, string>;
  viewRequests!: Table<ViewRequest, string>;
  warnings!: Table<Warning, string>;
  warningReceipts!: Table<WarningReceipt, string>;
  drawings!: Table<Drawing, string>;
  pointers!: Table<Pointer, string>;
  checkIns!: Table<CheckIn, string>;
  rollAsks!: Table<RollAsk, string>;
  taskPictures!: Table<{ sha256: string; picture: Blob }, string>;

  constructor(name = 'xunshan-terminal') {
    super(name);
    this.version(1).stores({
      outbox: 'id, order, state',
      photos: 'sha256',
      tasks: 'id',
      session: 'key',
    });
    this.version(2).stores({ device: 'key', cursor: 'key' }).upgrade(nameAuthors);
    this.version(3)
      .stores({
        inspections: 'id, enterprise_id, day',
        papers: 'id, inspection_id, enterprise_id, due_day',
        hazards: 'id, inspection_id, enterprise_id',
        numberBlocks: 'id, form',
        enterprises: 'id, name, credit_code',
        offices: 'id',
        officers: 'id, username',
        clauses: 'id',
        checklistItems: 'id, sector',
        holidays: 'id, day',
        drafts: 'id, author',
        notes: 'key, author',
        documents: 'sha256, paperId',
        keys: 'id',
      })
      .upgrade(pullAnew);
    this.version(4).stores({ fieldReports: 'id', calls: 'id', pins: 'userId', airspace: 'id', incidents: 'id' }).upgrade(pullAnew);
    this.version(5)
      .stores({ messages: 'id, incident_id', messageMarks: 'id, incident_id', recordings: 'id' })
      .upgrade(pullAnew);
    this.version(6).stores({ viewRequests: 'id', dangerZones: 'id' }).upgrade(pullAnew);
    // Tasks have a picture and a direction since: those kept here are asked for again.
    this.version(7).stores({ taskPictures: 'sha256' }).upgrade(pullAnew);
    this.version(8).stores({ warnings: 'id', warningReceipts: 'id', drawings: 'id', pointers: 'id' }).upgrade(pullAnew);
    this.version(9).stores({ checkIns: 'id', rollAsks: 'id' }).upgrade(pullAnew);
  }
}

interface OldItem {
  work: { kind?: 'transition' | 'report'; taskId?: string; body: unknown };
  author?: string;
  authorName?: string;
}

/** Before version 2 items named no author: they are of whoever is signed in, nobody else was. */
async function nameAuthors(transaction: Transaction): Promise<void> {
  const me = (await transaction.table('session').get('me')) as StoredSession | undefined;
  await transaction
    .table('outbox')
    .toCollection()
    .modify((item: OldItem) => {
      const { kind, taskId, body } = item.work;
      const op = kind === 'report' ? 'task.report' : 'task.move';
      item.work = { op, target: taskId, body } as unknown as OldItem['work'];
      item.author = me?.user.id ?? '';
      item.authorName = me?.user.name ?? '';
    });
}

/** A version that keeps more kinds of records asks again for what the one before passed over. */
async function pullAnew(transaction: Transaction): Promise<void> {
  await transaction.table('cursor').toCollection().modify({ cursor: null });
}
