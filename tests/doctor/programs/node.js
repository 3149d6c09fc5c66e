// A message whose parts another program took out (python.py parts), written anew by nodemailer: standard input, which is
// JSON, to standard output. The argument says how: `letter`, as a letter of its own with everything attached;
// `quoted-printable` or `base64`, part for part in a multipart/signed of its own.
const MailComposer = require("nodemailer/lib/mail-composer");
const MimeNode = require("nodemailer/lib/mime-node");

function letter(mail) {
  const of = (type) => mail.parts.find((one) => one.type === type && !one.filename);
  const [text, html] = [of("text/plain"), of("text/html")];
  const rest = mail.parts.filter((one) => one !== text && one !== html);
  return new MailComposer({
    ...mail.header,
    text: text && text.text,
    html: html && html.text,
    attachments: rest.map((one) => ({
      filename: one.filename || false,
      content: Buffer.from(one.octets, "base64"),
      contentType: one.type,
    })),
  }).compile();
}

function parts(mail, encoding) {
  const root = new MimeNode(mail.type);
  root.addHeader({ from: mail.header.from, to: mail.header.to, subject: mail.header.subject });
  const content = root.createChild(mail.parts[0].type);
  content.addHeader("content-transfer-encoding", encoding);
  content.setContent(mail.parts[0].text);
  const last = mail.parts[mail.parts.length - 1];
  const signature = root.createChild(last.type, { filename: last.filename });
  signature.setContent(Buffer.from(last.octets, "base64"));
  return root;
}

const pieces = [];
process.stdin.on("data", (piece) => pieces.push(piece));
process.stdin.on("end", () => {
  const mail = JSON.parse(Buffer.concat(pieces).toString());
  const how = process.argv[2];
  const node = how === "letter" ? letter(mail) : parts(mail, how);
  node.build((error, octets) => {
    if (error) throw error;
    process.stdout.write(octets);
  });
});
