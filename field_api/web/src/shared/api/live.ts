/** Messages of the live channel; their schemas stand in the OpenAPI document beside the HTTP ones. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type LiveMessage = Schemas['LiveMessage'];
export type Snapshot = Schemas['LiveSnapshot'];
export type VehicleState = Schemas['VehicleState'];
export type LinkState = VehicleState['link'];
export type VehicleEvent = Schemas['VehicleEvent'];
export type Box = Schemas['Box'];
export type FrameBoxes = Schemas['FrameBoxes'];
export type StreamState = Schemas['StreamState'];
export type TerminalPosition = Schemas['TerminalPosition'];
