/** Messages of the live channel, taken from the generated OpenAPI types. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type LiveMessage = Schemas['LiveMessage'];
export type Snapshot = Schemas['SnapshotMessage'];
export type Resumed = Schemas['ResumedMessage'];

/** A change of a record, with its place in the one tail of events (0 inside a snapshot). */
export type LiveRecord = Extract<LiveMessage, { op: string }>;
export type Topic = LiveRecord['type'];
/** What the records of a topic are. */
export type RecordOf<K extends Topic> = NonNullable<Extract<LiveRecord, { type: K }>['data']>;

/** Of these only the newest matters; they are not part of the tail. */
export type LiveValue = Snapshot['data']['values'][number];
export type ValueOf<K extends LiveValue['type']> = Extract<LiveValue, { type: K }>['data'];

export type VehicleState = Schemas['VehicleState'];
export type LinkState = VehicleState['link'];
export type VehicleEvent = Schemas['VehicleEventView'];
export type Box = Schemas['Box'];
export type FrameBoxes = Schemas['FrameBoxes'];
export type StreamState = Schemas['StreamState'];
export type TerminalPosition = Schemas['TerminalPosition'];
