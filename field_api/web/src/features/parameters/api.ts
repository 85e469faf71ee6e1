/** Parameters of aircraft and the sets kept of them. */
import { API, ask, http } from '$shared/api/client';
import type { Command } from '$shared/api/records';
import type { components } from '$shared/api/schema';
import { newId } from '$shared/ids';
import { flights } from '../flights/flights.svelte';
import type { Difference, Wish } from './table';

type Schemas = components['schemas'];
export type Whole = Schemas['WholeParameters'];
export type Saved = Schemas['SavedParametersView'];

const of = (vehicle_id: string) => ({ path: { vehicle_id } });

export const getParameters = (id: string): Promise<Whole> =>
  ask(http.GET('/api/v1/vehicles/{vehicle_id}/parameters', { params: of(id) }));

export const listSets = (): Promise<Saved[]> => ask(http.GET('/api/v1/parameter-sets'));

export const differences = (id: string, set_id: string): Promise<Difference[]> =>
  ask(
    http.GET('/api/v1/vehicles/{vehicle_id}/parameters/differences', {
      params: { ...of(id), query: { set_id } },
    }),
  );

/** Orders are kept with those of flight: what became of them comes the same way. */
const given = async (order: Promise<Command>): Promise<Command> => flights.commands.put(await order);

export const fetchAll = (id: string): Promise<Command> =>
  given(
    ask(
      http.POST('/api/v1/vehicles/{vehicle_id}/parameters/fetch', {
        params: of(id),
        body: { id: newId(), again: true },
      }),
    ),
  );

export const setValues = (
  id: string,
  values: Wish[],
  in_flight: boolean,
  reason: string,
): Promise<Command> =>
  given(
    ask(
      http.POST('/api/v1/vehicles/{vehicle_id}/parameters/set', {
        params: of(id),
        body: { id: newId(), values, in_flight, reason },
      }),
    ),
  );

export const saveSet = (id: string, name: string): Promise<Saved> =>
  ask(
    http.POST('/api/v1/vehicles/{vehicle_id}/parameter-sets', {
      params: of(id),
      body: { id: newId(), name },
    }),
  );

export const loadFile = (id: string, name: string, text: string): Promise<Saved> =>
  ask(
    http.POST('/api/v1/vehicles/{vehicle_id}/parameter-files', {
      params: of(id),
      body: { id: newId(), name, text },
    }),
  );

export const fileHref = (id: string): string =>
  `${API}/vehicles/${encodeURIComponent(id)}/parameters/file`;
export const setFileHref = (id: string): string => `${API}/parameter-sets/${id}/file`;
