/** Messages of the live channel. The frames are written by hand until the OpenAPI document has them. */
import type { Operation } from '../records/collection';
import type { components } from './schema';

type Schemas = components['schemas'];

/** A change of a record, with its place in the one tail of events (0 inside a snapshot). */
export interface LiveRecord {
  type: string;
  seq: number;
  id: string;
  version: number;
  op: Operation;
  area?: string | null;
  data: unknown;
}

/** Of these only the newest matters; they are not part of the tail. */
export interface LiveValue {
  type: string;
  data: unknown;
}

export interface Snapshot {
  type: 'snapshot';
  seq: number;
  data: { server_time_ms: number; values: LiveValue[]; records: LiveRecord[] };
}

export interface Resumed {
  type: 'resumed';
  seq: number;
  data: { server_time_ms: number; values: LiveValue[] };
}

export type LiveMessage = Snapshot | Resumed | LiveRecord | LiveValue;

export type VehicleState = Schemas['VehicleState'];
export type LinkState = VehicleState['link'];
export type VehicleEvent = Schemas['VehicleEventView'];
export type Box = Schemas['Box'];
export type FrameBoxes = Schemas['FrameBoxes'];
export type StreamState = Schemas['StreamState'];
export type TerminalPosition = Schemas['TerminalPosition'];
