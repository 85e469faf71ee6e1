/** Calls to the command post. Every refusal becomes an `ApiProblem` that carries both languages. */
import type {
  AnswerApplication,
  Application,
  AssignTask,
  AuthorisePlan,
  Command,
  Coverage,
  Detection,
  Incident,
  Likelihood,
  MakeApplication,
  MakeLikelihood,
  MakePlan,
  MapBase,
  NearestTerminal,
  OpenIncident,
  Plan,
  PositionBody,
  Profile,
  ReviewDetection,
  Roster,
  Session,
  Sortie,
  Task,
  TaskReportBody,
  TimelineEntry,
  Transition,
  VehicleAction,
} from './records';

export const API = '/api/v1';

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly textZh: string,
    readonly textEn: string,
    readonly field?: string,
  ) {
    super(`${code}: ${textEn}`);
  }

  /** Whether trying the same request again may help: no network, or the server is at fault. */
  get worthRetrying(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface ErrorBody {
  detail?: { code?: string; text_zh?: string; text_en?: string; field?: string };
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  const detail = body.detail ?? {};
  return new ApiProblem(
    response.status,
    detail.code ?? `http_${response.status}`,
    detail.text_zh ?? `服务器返回 ${response.status}`,
    detail.text_en ?? `The server answered ${response.status}`,
    detail.field,
  );
}

let bearer: string | null = null;

/** Handhelds carry their token: a session cookie would not survive the phone killing the page. */
export function carryToken(token: string | null): void {
  bearer = token;
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const init: RequestInit = { method, credentials: 'same-origin' };
  if (body instanceof Blob) {
    init.body = body;
    init.headers = { 'Content-Type': body.type };
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'Content-Type': 'application/json' };
  }
  if (bearer) init.headers = { ...init.headers, Authorization: `Bearer ${bearer}` };
  let response: Response;
  try {
    response = await fetch(API + path, init);
  } catch {
    throw new ApiProblem(0, 'unreachable', '连不上指挥部', 'The command post cannot be reached');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await (await send(method, path, body)).json()) as T;
}

const query = (values: Record<string, string | number | undefined>): string => {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return given.length ? `?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}` : '';
};
const seg = encodeURIComponent;

export const api = {
  signIn: (username: string, password: string) =>
    call<Session>('POST', '/session', { username, password }),
  session: () => call<Session>('GET', '/session'),
  signOut: async () => void (await send('DELETE', '/session')),
  roster: () => call<Roster>('GET', '/roster'),

  incidents: () => call<Incident[]>('GET', '/incidents'),
  openIncident: (body: OpenIncident) => call<Incident>('POST', '/incidents', body),
  timeline: (incidentId: string) =>
    call<TimelineEntry[]>('GET', `/incidents/${seg(incidentId)}/timeline`),

  makePlan: (incidentId: string, body: MakePlan) =>
    call<Plan>('POST', `/incidents/${seg(incidentId)}/plans`, body),
  plans: (incidentId: string) => call<Plan[]>('GET', `/incidents/${seg(incidentId)}/plans`),
  authorisePlan: (planId: string, body: AuthorisePlan) =>
    call<Plan>('POST', `/plans/${seg(planId)}/authorise`, body),
  launchPlan: (planId: string) => call<Plan>('POST', `/plans/${seg(planId)}/launch`),
  coverage: (planId: string) => call<Coverage>('GET', `/plans/${seg(planId)}/coverage`),
  applications: (planId: string) =>
    call<Application[]>('GET', `/plans/${seg(planId)}/applications`),
  makeApplication: (planId: string, body: MakeApplication) =>
    call<Application>('POST', `/plans/${seg(planId)}/applications`, body),
  submitApplication: (id: string) =>
    call<Application>('POST', `/applications/${seg(id)}/submit`),
  answerApplication: (id: string, body: AnswerApplication) =>
    call<Application>('POST', `/applications/${seg(id)}/answer`, body),
  profiles: () => call<Profile[]>('GET', '/likelihood/profiles'),
  likelihood: (incidentId: string) =>
    call<Likelihood>('GET', `/incidents/${seg(incidentId)}/likelihood`),
  makeLikelihood: (incidentId: string, body: MakeLikelihood) =>
    call<Likelihood>('PUT', `/incidents/${seg(incidentId)}/likelihood`, body),
  sorties: (incidentId: string) =>
    call<Sortie[]>('GET', `/sorties${query({ incident_id: incidentId })}`),
  orderVehicle: (vehicleId: string, id: string, action: VehicleAction) =>
    call<Command>('POST', `/vehicles/${seg(vehicleId)}/commands`, { id, action }),

  detections: (incidentId?: string, status?: Detection['status']) =>
    call<Detection[]>('GET', `/detections${query({ incident_id: incidentId, status })}`),
  reviewDetection: (id: string, body: ReviewDetection) =>
    call<Detection>('POST', `/detections/${seg(id)}/review`, body),

  tasks: (filter: { mine?: 1; incident_id?: string }) =>
    call<Task[]>('GET', `/tasks${query(filter)}`),
  assignTask: (body: AssignTask) => call<Task>('POST', '/tasks', body),
  nearestTerminals: (lat_deg: number, lon_deg: number, limit = 6) =>
    call<NearestTerminal[]>('GET', `/terminals/nearest${query({ lat_deg, lon_deg, limit })}`),
  transitionTask: (taskId: string, body: Transition) =>
    call<Task>('POST', `/tasks/${seg(taskId)}/transitions`, body),
  reportTask: (taskId: string, body: TaskReportBody) =>
    call<Task>('POST', `/tasks/${seg(taskId)}/reports`, body),
  postPosition: (terminalId: string, body: PositionBody) =>
    send('POST', `/terminals/${seg(terminalId)}/position`, body),
  putMedia: (sha256: string, picture: Blob) => send('PUT', `/media/${sha256}`, picture),

  terrain: (lat_deg: number, lon_deg: number) =>
    call<{ ground_amsl_m: number | null }>('GET', `/terrain${query({ lat_deg, lon_deg })}`),
  mapBase: () => call<MapBase>('GET', '/map/base'),
};

export const mediaUrl = (sha256: string): string => `${API}/media/${sha256}`;

/** A WebSocket address on the server that this page came from. */
export function socketUrl(path: string): string {
  const url = new URL(API + path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
