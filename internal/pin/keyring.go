package pin

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrDecrypt: the ciphertext belongs to another card, was altered, or was made with a key that the keyset does not hold. Which of
// them is not told.
var ErrDecrypt = errors.New("pin: cannot decrypt")

// Keyring encrypts PINs with the primary key of a keyset and decrypts those of all its keys. It is safe for concurrent
// use. A Keyring that is open while Rotate adds a key finds that key when it meets the first ciphertext made with it, so a rotation
// needs no restart.
type Keyring struct {
	path string

	mu   sync.RWMutex
	keys keys
}

// keys is one reading of the file.
type keys struct {
	aead    tink.AEAD
	primary uint32
	ids     map[uint32]bool
}

// CiphertextSize is the length of every ciphertext: Tink's prefix, nonce, padded PIN and tag.
const CiphertextSize = prefixSize + 12 + paddedSize + 16

const (
	prefixSize  = 5 // 0x01 and the key's id in big endian
	prefixStart = 0x01
	paddedSize  = 16 // no PIN's length shows in its ciphertext, should there ever be longer ones
)

// Encrypt seals a PIN for one card: the ciphertext decrypts for no other.
func (k *Keyring) Encrypt(p PIN, cardID int64) ([]byte, error) {
	if p.code == nil {
		return nil, ErrPIN
	}
	var padded [paddedSize]byte
	copy(padded[:], *p.code)
	ciphertext, err := k.current().aead.Encrypt(padded[:], associatedData(cardID))
	clear(padded[:])
	if err != nil {
		return nil, fmt.Errorf("pin: encrypt: %w", err)
	}
	return ciphertext, nil
}

// Decrypt opens a PIN that was sealed for the card. All that can go wrong with the ciphertext is ErrDecrypt.
func (k *Keyring) Decrypt(ciphertext []byte, cardID int64) (PIN, error) {
	id, ok := KeyID(ciphertext)
	if !ok {
		return PIN{}, ErrDecrypt
	}
	current := k.current()
	if !current.ids[id] {
		var err error
		if current, err = k.reload(); err != nil {
			return PIN{}, err
		}
	}
	padded, err := current.aead.Decrypt(ciphertext, associatedData(cardID))
	if err != nil {
		return PIN{}, ErrDecrypt
	}
	// The buffer is cleared. The PIN itself, and what the library and the page make of it, is the garbage collector's.
	defer clear(padded)
	if len(padded) != paddedSize {
		return PIN{}, ErrDecrypt
	}
	p, err := Parse(string(padded[:digits]))
	if err != nil {
		return PIN{}, ErrDecrypt
	}
	return p, nil
}

// PrimaryKeyID is the id of the key that Encrypt uses. A ciphertext with another KeyID is due for encryption anew.
func (k *Keyring) PrimaryKeyID() uint32 { return k.current().primary }

// KeyID is the id of the key that made a ciphertext. It stands in bytes 2 to 5, big endian, so that SQL can compare it too.
func KeyID(ciphertext []byte) (uint32, bool) {
	if len(ciphertext) < prefixSize || ciphertext[0] != prefixStart {
		return 0, false
	}
	return binary.BigEndian.Uint32(ciphertext[1:prefixSize]), true
}

func (k *Keyring) current() keys {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys
}

func (k *Keyring) reload() (keys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	read, err := readKeys(k.path)
	if err != nil {
		return keys{}, err
	}
	k.keys = read
	return read, nil
}

// associatedData binds a ciphertext to its card. The version leaves room for binding it to more one day.
func associatedData(cardID int64) []byte {
	return strconv.AppendInt([]byte("kortportal card pin v1 "), cardID, 10)
}

func newKeys(handle *keyset.Handle) (keys, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return keys{}, fmt.Errorf("use the keys: %w", err)
	}
	info := handle.KeysetInfo()
	ids := make(map[uint32]bool)
	for _, key := range info.GetKeyInfo() {
		ids[key.GetKeyId()] = true
	}
	return keys{aead: primitive, primary: info.GetPrimaryKeyId(), ids: ids}, nil
}
