// A message read by mailparser and written anew by nodemailer: standard input to standard output.
const { simpleParser } = require("mailparser");
const MailComposer = require("nodemailer/lib/mail-composer");

const pieces = [];
process.stdin.on("data", (piece) => pieces.push(piece));
process.stdin.on("end", async () => {
  const mail = await simpleParser(Buffer.concat(pieces));
  const composer = new MailComposer({
    from: mail.from.text,
    to: mail.to.text,
    subject: mail.subject,
    date: mail.date,
    messageId: mail.messageId,
    text: mail.text,
    html: mail.html || undefined,
    attachments: mail.attachments.map((one) => ({
      filename: one.filename,
      content: one.content,
      contentType: one.contentType,
    })),
  });
  process.stdout.write(await composer.compile().build());
});
