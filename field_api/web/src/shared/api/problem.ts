/** One part of what was sent that can't be used. */
export interface Finding {
  where: string;
  name: string;
  text_zh: string;
  text_en: string;
}

/** A refusal of the command post, in both languages, naming the field where there is one. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly textZh: string,
    readonly textEn: string,
    readonly field?: string,
    /** Seconds to wait, where the server said so. */
    readonly retryAfterS?: number,
    /** Of a file: every part that can't be used, by name. */
    readonly findings: readonly Finding[] = [],
  ) {
    super(`${code}: ${textEn}`);
  }

  /** Whether trying the same request again may help: no network, or the server is at fault. */
  get worthRetrying(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface ErrorBody {
  detail?: { code?: string; text_zh?: string; text_en?: string; field?: string; findings?: Finding[] };
}

export async function problemOf(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  const detail = body.detail ?? {};
  const retry = Number(response.headers.get('Retry-After'));
  return new ApiProblem(
    response.status,
    detail.code ?? `http_${response.status}`,
    detail.text_zh ?? `服务器返回 ${response.status}`,
    detail.text_en ?? `The server answered ${response.status}`,
    detail.field,
    Number.isFinite(retry) && retry > 0 ? retry : undefined,
    detail.findings,
  );
}

export const unreachable = (): ApiProblem =>
  new ApiProblem(0, 'unreachable', '连不上指挥部', 'The command post cannot be reached');

/** The problem if it is one of the command post's; anything else is a fault of ours and thrown on. */
export function expected(caught: unknown): ApiProblem {
  if (caught instanceof ApiProblem) return caught;
  throw caught;
}
