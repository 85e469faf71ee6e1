/** QR codes as rows of 0 and 1: the templates draw them as squares of a vector. */
import qrcode from 'qrcode-generator';

/** Rows of the smallest code that holds the text; a quarter of it may be soiled (level Q). */
export function qrRows(text: string): string[] {
  const code = qrcode(0, 'Q');
  code.addData(text);
  code.make();
  const side = Array.from({ length: code.getModuleCount() }, (_, at) => at);
  return side.map((row) => side.map((column) => (code.isDark(row, column) ? '1' : '0')).join(''));
}
