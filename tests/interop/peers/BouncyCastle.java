// Bouncy Castle as one more judge for tests/interop. One job a line on standard input, its words apart by tabs:
//
//   encrypt  IN OUT CIPHER RECIPIENT...     IN: the content; OUT: the CMS message
//   decrypt  IN OUT KEYSTORE                a PKCS#12 file with the password "secret"
//   password IN OUT PASSWORD                decrypts by a password
//
// A recipient is WAY:FILE with a certificate in PEM, or password:WORDS. One line comes back: "ok", or what was thrown.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.util.Collection;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.jcajce.io.CipherInputStream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.InputAEADDecryptor;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;

public final class BouncyCastle {
    private static final char[] PASSWORD = "secret".toCharArray();

    private static final Map<String, ASN1ObjectIdentifier> CIPHERS = Map.of(
            "AES-128-CBC", CMSAlgorithm.AES128_CBC,
            "AES-192-CBC", CMSAlgorithm.AES192_CBC,
            "AES-256-CBC", CMSAlgorithm.AES256_CBC,
            "3DES-CBC", CMSAlgorithm.DES_EDE3_CBC,
            "RC2-128-CBC", CMSAlgorithm.RC2_CBC,
            "AES-128-GCM", CMSAlgorithm.AES128_GCM,
            "AES-192-GCM", CMSAlgorithm.AES192_GCM,
            "AES-256-GCM", CMSAlgorithm.AES256_GCM,
            "ChaCha20-Poly1305", PKCSObjectIdentifiers.id_alg_AEADChaCha20Poly1305);

    private static final Map<String, ASN1ObjectIdentifier> AGREEMENTS = Map.of(
            "ecdh-sha1", CMSAlgorithm.ECDH_SHA1KDF,
            "ecdh-sha224", CMSAlgorithm.ECDH_SHA224KDF,
            "ecdh-sha256", CMSAlgorithm.ECDH_SHA256KDF,
            "ecdh-sha384", CMSAlgorithm.ECDH_SHA384KDF,
            "ecdh-sha512", CMSAlgorithm.ECDH_SHA512KDF,
            "ecdh-cofactor-sha256", CMSAlgorithm.ECCDH_SHA256KDF,
            "ecdh-keyid", CMSAlgorithm.ECDH_SHA256KDF);

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
            String said = "ok";
            try {
                run(job.split("\t"));
            } catch (Exception thrown) {
                said = thrown.toString().replace('\n', ' ').replace('\r', ' ');
            }
            System.out.println(said);
            System.out.flush();
        }
    }

    private static void run(String[] words) throws Exception {
        byte[] in = Files.readAllBytes(Path.of(words[1]));
        byte[] out = switch (words[0]) {
            case "encrypt" -> encrypt(in, words);
            case "decrypt" -> decrypt(in, words[3]);
            case "password" -> byPassword(in, words[3]);
            default -> throw new IllegalArgumentException(words[0]);
        };
        Files.write(Path.of(words[2]), out);
    }

    private static byte[] encrypt(byte[] content, String[] words) throws Exception {
        ASN1ObjectIdentifier cipher = CIPHERS.get(words[3]);
        CMSProcessableByteArray data = new CMSProcessableByteArray(content);
        JceCMSContentEncryptorBuilder builder = new JceCMSContentEncryptorBuilder(cipher).setProvider("BC");
        boolean authenticated = words[3].contains("GCM") || words[3].contains("Poly1305");
        CMSEnvelopedGenerator generator =
                authenticated ? new CMSAuthEnvelopedDataGenerator() : new CMSEnvelopedDataGenerator();
        for (int index = 4; index < words.length; index++) {
            generator.addRecipientInfoGenerator(recipient(words[index]));
        }
        OutputEncryptor encryptor = builder.build();
        if (generator instanceof CMSAuthEnvelopedDataGenerator one) {
            return one.generate(data, (OutputAEADEncryptor) encryptor).getEncoded();
        }
        return ((CMSEnvelopedDataGenerator) generator).generate(data, encryptor).getEncoded();
    }

    private static RecipientInfoGenerator recipient(String words) throws Exception {
        int colon = words.indexOf(':');
        String way = words.substring(0, colon);
        String rest = words.substring(colon + 1);
        if (way.equals("password")) {
            return new JcePasswordRecipientInfoGenerator(CMSAlgorithm.AES256_CBC, rest.toCharArray())
                    .setProvider("BC")
                    .setPRF(PasswordRecipient.PRF.HMacSHA256)
                    .setSaltAndIterationCount("saltsaltsaltsalt".getBytes(StandardCharsets.US_ASCII), 10_000);
        }
        X509Certificate certificate = certificate(rest);
        if (AGREEMENTS.containsKey(way)) {
            return agreement(way, certificate);
        }
        if (way.equals("pkcs1")) {
            return new JceKeyTransRecipientInfoGenerator(certificate).setProvider("BC");
        }
        if (way.equals("keyid")) {
            return new JceKeyTransRecipientInfoGenerator(keyIdentifier(certificate), certificate.getPublicKey())
                    .setProvider("BC");
        }
        String[] hashes = way.substring("oaep-".length()).split(",");
        OAEPParameterSpec parameters = new OAEPParameterSpec(
                hashes[0], "MGF1", new MGF1ParameterSpec(hashes[hashes.length - 1]), PSource.PSpecified.DEFAULT);
        return new JceKeyTransRecipientInfoGenerator(
                        certificate,
                        new JcaAlgorithmParametersConverter()
                                .getAlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, parameters))
                .setProvider("BC");
    }

    private static RecipientInfoGenerator agreement(String way, X509Certificate certificate) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "BC");
        // By its name: parameters in full would be written out as such (RFC 5480 §2.1.1 allows the name only).
        int bits = ((ECPublicKey) certificate.getPublicKey()).getParams().getCurve().getField().getFieldSize();
        generator.initialize(new ECGenParameterSpec("P-" + bits));
        KeyPair own = generator.generateKeyPair();
        JceKeyAgreeRecipientInfoGenerator info =
                new JceKeyAgreeRecipientInfoGenerator(
                                AGREEMENTS.get(way), own.getPrivate(), own.getPublic(), CMSAlgorithm.AES256_WRAP)
                        .setProvider("BC");
        return way.equals("ecdh-keyid")
                ? info.addRecipient(keyIdentifier(certificate), certificate.getPublicKey())
                : info.addRecipient(certificate);
    }

    private static byte[] decrypt(byte[] message, String keystore) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(keystore)) {
            store.load(in, PASSWORD);
        }
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, PASSWORD);
        X509Certificate certificate = (X509Certificate) store.getCertificate(alias);
        boolean rsa = key.getAlgorithm().equals("RSA");
        Recipient recipient;
        if (isAuthenticated(message)) {
            recipient = rsa
                    ? new JceKeyTransAuthEnvelopedRecipient(key).setProvider("BC")
                    : new AgreedAuthenticated(key).setProvider("BC");
        } else {
            recipient = rsa
                    ? new JceKeyTransEnvelopedRecipient(key).setProvider("BC")
                    : new JceKeyAgreeEnvelopedRecipient(key).setProvider("BC");
        }
        RecipientId id = rsa ? new JceKeyTransRecipientId(certificate) : new JceKeyAgreeRecipientId(certificate);
        Collection<RecipientInformation> found = recipients(message).getRecipients(id);
        if (found.isEmpty() && !rsa) {
            found = recipients(message).getRecipients(new KeyAgreeRecipientId(keyIdentifier(certificate)));
        }
        return one(found).getContent(recipient);
    }

    private static byte[] byPassword(byte[] message, String password) throws Exception {
        char[] words = password.toCharArray();
        Recipient recipient = isAuthenticated(message)
                ? new PasswordAuthenticated(words).setProvider("BC")
                : new JcePasswordEnvelopedRecipient(words).setProvider("BC");
        return one(recipients(message).getRecipients(new PasswordRecipientId())).getContent(recipient);
    }

    private static boolean isAuthenticated(byte[] message) {
        return ContentInfo.getInstance(message).getContentType().equals(PKCSObjectIdentifiers.id_ct_authEnvelopedData);
    }

    private static RecipientInformationStore recipients(byte[] message) throws Exception {
        return isAuthenticated(message)
                ? new CMSAuthEnvelopedData(message).getRecipientInfos()
                : new CMSEnvelopedData(message).getRecipientInfos();
    }

    private static RecipientInformation one(Collection<RecipientInformation> found) {
        return found.stream().findFirst().orElseThrow(() -> new IllegalStateException("no such recipient"));
    }

    private static X509Certificate certificate(String file) throws Exception {
        byte[] octets = Files.readAllBytes(Path.of(file));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(octets));
    }

    private static byte[] keyIdentifier(X509Certificate certificate) throws Exception {
        return new JcaX509ExtensionUtils().createSubjectKeyIdentifier(certificate.getPublicKey()).getKeyIdentifier();
    }

    // What version 1.72 does not have: AuthEnvelopedData by key agreement and by password.

    private static final class AgreedAuthenticated extends JceKeyAgreeRecipient {
        AgreedAuthenticated(PrivateKey key) {
            super(key);
        }

        @Override
        public RecipientOperator getRecipientOperator(
                AlgorithmIdentifier wrap,
                AlgorithmIdentifier content,
                SubjectPublicKeyInfo sender,
                ASN1OctetString material,
                byte[] wrapped)
                throws CMSException {
            return operator(extractSecretKey(wrap, content, sender, material, wrapped), content);
        }
    }

    private static final class PasswordAuthenticated extends JcePasswordEnvelopedRecipient {
        PasswordAuthenticated(char[] password) {
            super(password);
        }

        @Override
        public RecipientOperator getRecipientOperator(
                AlgorithmIdentifier wrap, AlgorithmIdentifier content, byte[] derived, byte[] wrapped)
                throws CMSException {
            return operator(extractSecretKey(wrap, content, derived, wrapped), content);
        }
    }

    private static RecipientOperator operator(Key key, AlgorithmIdentifier content) throws CMSException {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "BC");
            GCMParameters parameters = GCMParameters.getInstance(content.getParameters());
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(key.getEncoded(), "AES"),
                    new GCMParameterSpec(parameters.getIcvLen() * 8, parameters.getNonce()));
            return new RecipientOperator(new Authenticated(cipher, content));
        } catch (GeneralSecurityException thrown) {
            throw new CMSException("AES-GCM", thrown);
        }
    }

    private record Authenticated(Cipher cipher, AlgorithmIdentifier algorithm) implements InputAEADDecryptor {
        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return algorithm;
        }

        @Override
        public InputStream getInputStream(InputStream ciphertext) {
            return new CipherInputStream(ciphertext, cipher);
        }

        @Override
        public OutputStream getAADStream() {
            return new OutputStream() {
                @Override
                public void write(int octet) {
                    cipher.updateAAD(new byte[] {(byte) octet});
                }
            };
        }

        @Override
        public byte[] getMAC() {
            return new byte[0];
        }
    }
}
