// Edits of a workbook's parts: a real list, with one thing otherwise.

import { crc32, inflateRawSync } from 'node:zlib';

/** The entries of a zip: name and contents, by its central directory. */
function entries(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const found = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + packed);
    found.push({ name: zip.subarray(at + 46, at + 46 + name), content: method === 0 ? bytes : inflateRawSync(bytes) });
    at += 46 + name + extra + comment;
  }
  return found;
}

/** A zip of entries, none of them compressed. */
function zipped(all) {
  const [files, directory] = [[], []];
  let at = 0;
  for (const { name, content } of all) {
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x0800, 2);
    head.writeUInt32LE(crc32(content), 10);
    head.writeUInt32LE(content.length, 14);
    head.writeUInt32LE(content.length, 18);
    head.writeUInt16LE(name.length, 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, name, content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, rest, name]));
    files.push(file);
    at += file.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(all.length, 8);
  end.writeUInt16LE(all.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, list, end]);
}

/** The workbook with each of these texts (as `[from, to]`) replaced among its shared texts; each must be there. */
export function withTexts(workbook, replacements) {
  const all = entries(workbook);
  const shared = all.find(({ name }) => name.toString().toLowerCase() === 'xl/sharedstrings.xml');
  let text = shared.content.toString('utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`no shared text has ${from}`);
    text = text.replaceAll(from, to);
  }
  shared.content = Buffer.from(text);
  return zipped(all);
}

/** The texts of a part of a workbook, without its marks. */
export function textsOf(workbook, part) {
  const found = entries(workbook).find(({ name }) => name.toString() === part);
  return found.content.toString('utf8').replaceAll(/<[^>]*>/g, '|');
}
