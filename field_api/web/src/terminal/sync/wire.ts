/** Messages of `/sync`, taken from the generated OpenAPI types. */
import type { components } from '$shared/api/schema';

type Schemas = components['schemas'];

export type PushItem = Schemas['PushItem'];
export type PushAnswer = Schemas['Answer'];
export type PushAnswers = Schemas['PushView'];
/** A record as it now is, or that it is gone. */
export type Changed = Schemas['ChangedRecord'];
export type Pulled = Schemas['PullView'];
