/** What this browser can do with a PDF, and doing it. */
import { saveFile } from '../saveFile';

/** Show and print a PDF inside the page; most phones can't, and hand it to another app. */
export const canShowPdf = (): boolean => navigator.pdfViewerEnabled === true;

const fileOf = (blob: Blob, name: string) => new File([blob], `${name}.pdf`, { type: 'application/pdf' });

export function canShare(blob: Blob, name: string): boolean {
  return navigator.canShare?.({ files: [fileOf(blob, name)] }) ?? false;
}

/** Hand it to another app of the device, e.g. one that prints. False where the user gave up. */
export async function share(blob: Blob, name: string): Promise<boolean> {
  try {
    await navigator.share({ files: [fileOf(blob, name)], title: name });
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false;
    throw error;
  }
}

export const save = (blob: Blob, name: string): void => saveFile(blob, `${name}.pdf`);
