package auth

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
)

// keyBlock is the key in a PEM block, and the certificate that it comes from, if any.
type keyBlock struct {
	publicKey
	certificate *x509.Certificate
}

// read reads the one key in a block, which need not be one that is of use here.
func (b pemBlock) read() (k keyBlock, err error) {
	switch b.label {
	case labelCertificate:
		if k.certificate, err = x509.ParseCertificate(b.der); err == nil {
			k.key = k.certificate.PublicKey
		}
	case labelRSAPublicKey:
		k.key, err = x509.ParsePKCS1PublicKey(b.der)
	default:
		k.key, err = x509.ParsePKIXPublicKey(b.der)
	}
	if err != nil {
		return keyBlock{}, errUnreadable
	}
	return k, nil
}

// checkChain refuses certificates of which one has signed another, as a web server's
// fullchain.pem has them: the key of a certificate authority would verify tokens,
// although nobody meant it to.
//
// A certificate that signed itself is no chain, and neither are several of one name,
// as they come of a rotation.
func checkChain(blocks []keyBlock) error {
	for i, child := range blocks {
		for j, parent := range blocks {
			if parent.hasSigned(child) {
				return fmt.Errorf("holds a chain: key %d has signed key %d; leave only the issuer's own certificate in it", j+1, i+1)
			}
		}
	}
	return nil
}

// hasSigned reports whether the certificate of k has signed the one of child. With one
// key for both there is no second key to be trusted by mistake.
func (k keyBlock) hasSigned(child keyBlock) bool {
	c, by := child.certificate, k.certificate
	if c == nil || by == nil || bytes.Equal(c.RawSubjectPublicKeyInfo, by.RawSubjectPublicKeyInfo) || !bytes.Equal(c.RawIssuer, by.RawSubject) {
		return false
	}
	err := by.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	if _, old := errors.AsType[x509.InsecureAlgorithmError](err); old || errors.Is(err, x509.ErrUnsupportedAlgorithm) {
		return !bytes.Equal(c.RawIssuer, c.RawSubject) // by its names alone
	}
	return err == nil
}
