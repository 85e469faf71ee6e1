/**
 * A picture on its way by tus: what broke off goes on where it stopped, also after a restart, and a
 * picture that the command post has already is not sent again.
 */
import { API, ApiProblem, authorisation } from '$shared/api/client';
import { unreachable } from '$shared/api/problem';
import type { OutboxItem, Photo } from '../outbox/database';

/** Small enough that a bad link loses little, large enough that requests don't count. */
const CHUNK_BYTES = 256 * 1024;
/** A conflict over the offset is resolved by asking for it: tus tries again at once. */
const RETRY_MS = [0, 1000, 3000];

/** The kind of record that an operation makes or changes. */
const topicOf = (op: string): string => (op === 'report.quick' ? 'field_report' : op.split('.')[0]!);

const metadataOf = (photo: Photo, item: OutboxItem, deviceId: string): Record<string, string> => ({
  sha256: photo.sha256,
  filetype: photo.picture.type || 'image/jpeg',
  topic: topicOf(item.work.op),
  record_id: item.work.target || item.work.body.id,
  role: photo.role ?? 'photo',
  t_ms: String(photo.takenMs),
  device_id: deviceId,
  ...(photo.of ? { copy_of: photo.of } : {}),
  ...(photo.signature ? { device_signature: photo.signature } : {}),
  ...(photo.lat_deg != null && photo.lon_deg != null
    ? { lat_deg: String(photo.lat_deg), lon_deg: String(photo.lon_deg) }
    : {}),
});

export async function uploadPhoto(photo: Photo, item: OutboxItem, deviceId: string): Promise<void> {
  const { Upload, DetailedError } = await import('tus-js-client');
  await new Promise<void>((done, fail) => {
    const upload = new Upload(photo.picture, {
      endpoint: `${API}/uploads`,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      removeFingerprintOnSuccess: true,
      headers: authorisation(),
      metadata: metadataOf(photo, item, deviceId),
      fingerprint: () => Promise.resolve(`xunshan-${photo.sha256}`),
      onAfterResponse: (request, response) => {
        const known = response.getHeader('Upload-Offset') === String(photo.picture.size);
        if (request.getMethod() !== 'POST' || !known) return;
        void upload.abort();
        done();
      },
      onSuccess: () => done(),
      onError: (problem) => fail(problem instanceof DetailedError ? problemOf(problem) : problem),
    });
    void upload.findPreviousUploads().then((previous) => {
      if (previous[0]) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    });
  });
}

interface Answered {
  originalResponse: { getStatus(): number; getBody(): string } | null;
}

function problemOf({ originalResponse }: Answered): ApiProblem {
  const status = originalResponse?.getStatus() ?? 0;
  if (!status) return unreachable();
  let detail: { code?: string; text_zh?: string; text_en?: string } = {};
  try {
    detail = (JSON.parse(originalResponse!.getBody()) as { detail?: typeof detail }).detail ?? {};
  } catch {
    // Not ours: a proxy's page, say. The status tells what there is to tell.
  }
  return new ApiProblem(
    status,
    detail.code ?? `http_${status}`,
    detail.text_zh ?? `照片上传失败:${status}`,
    detail.text_en ?? `The picture was not taken: ${status}`,
  );
}
