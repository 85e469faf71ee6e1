/** SHA-256 as lower-case hexadecimal, computed on this device: the bytes go nowhere. */
export async function sha256Hex(data: Blob | BufferSource): Promise<string> {
  const bytes = data instanceof Blob ? await data.arrayBuffer() : data;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
