package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"kortportal/internal/account"
	"kortportal/internal/card"
	"kortportal/internal/pin"
)

// addRest adds what bulk rows do not bring.
func addRest(ctx context.Context, tx pgx.Tx) error {
	// The keys of the cast's names are not in the vocabulary.
	const ordererNames = `
		INSERT INTO orderer_names (word, person_id)
		SELECT w, p.id FROM persons p CROSS JOIN key_words(p.name_key) w
		WHERE p.id < $1 AND EXISTS (SELECT FROM memberships m WHERE m.person_id = p.id AND m.role = 'orderer')`
	if _, err := tx.Exec(ctx, ordererNames, firstExtra); err != nil {
		return fmt.Errorf("names of orderers: %w", err)
	}
	const listed = `
		INSERT INTO listed_orderers (company_id, person_id, former, name_key, given_name, family_name)
		SELECT m.company_id, p.id, false, p.name_key, p.given_name, p.family_name
		FROM memberships m JOIN persons p ON p.id = m.person_id WHERE m.role = 'orderer' AND p.id < $1`
	if _, err := tx.Exec(ctx, listed, firstExtra); err != nil {
		return fmt.Errorf("orderers in lists: %w", err)
	}
	for _, table := range []string{"companies", "persons", "cards", "invoices", "pictures"} {
		sql := fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%[1]s', 'id'), (SELECT max(id) FROM %[1]s))`, table)
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("sequence of %s: %w", table, err)
		}
	}
	return nil
}

func (w *world) companyRows(r *rows) error {
	return w.walk(listener{company: func(c *company) error {
		r.big(c.id)
		r.text(c.name)
		r.text(c.orgNumber)
		r.time(w.times.unix(c.created))
		return r.end()
	}})
}

func (w *world) personRows(r *rows) error {
	founded := w.times.unix((w.today - historyDays).at(8, 0, 0))
	write := func(id, created int64) error {
		p := w.person(id)
		r.big(p.id)
		r.text(p.kind)
		r.text(p.country)
		r.text(p.number)
		r.text(p.given.text)
		r.text(p.family.text)
		r.time(created)
		return r.end()
	}
	for id := range firstExtra + extraIssuers - 1 {
		if err := write(id+1, founded); err != nil {
			return err
		}
	}
	return w.walk(listener{person: func(id int64, of *company) error { return write(id, w.times.unix(of.created)) }})
}

func (w *world) membershipRows(r *rows) error {
	return w.walk(listener{company: func(c *company) error {
		for _, of := range []struct {
			role    account.Role
			members []int64
		}{{account.Administrator, c.administrators}, {account.Orderer, c.orderers}} {
			for _, member := range of.members {
				r.big(c.id)
				r.big(member)
				r.text(string(of.role))
				r.time(w.times.unix(c.created))
				if err := r.end(); err != nil {
					return err
				}
			}
		}
		return nil
	}})
}

func (w *world) staffRows(r *rows) error {
	for _, id := range issuers {
		r.big(id)
		r.time(w.times.unix((w.today - historyDays).at(8, 0, 0)))
		if err := r.end(); err != nil {
			return err
		}
	}
	return nil
}

// passwordCost is what the portal's own passwords cost.
var passwordCost = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// addLogins gives the cast their log-ins, one by one: what the schema derives for a login needs the rest to be there.
func (w *world) addLogins(ctx context.Context, tx pgx.Tx) error {
	const q = `INSERT INTO logins (person_id, email, password_hash, created_at) VALUES ($1, $2, $3, $4)`
	for i, a := range w.cast {
		if a.login == "" {
			continue
		}
		login := a.credentials()
		hash, err := argon2id.CreateHash(login.Password, &passwordCost)
		if err != nil {
			return fmt.Errorf("hash a password: %w", err)
		}
		created := w.times.time((w.today - 400).at(8, 0, 0))
		if _, err := tx.Exec(ctx, q, int64(i+1), login.Email, hash, created); err != nil {
			return fmt.Errorf("log-in %s: %w", login.Email, err)
		}
	}
	return nil
}

// invoiceRows are the last two quarters' fees, due a month after the quarter. A suspended company has not paid the second.
func (w *world) invoiceRows(r *rows) error {
	dues := w.lastDues()
	id := int64(0)
	return w.walk(listener{company: func(c *company) error {
		for i, due := range dues {
			id++
			r.big(id)
			r.big(c.id)
			y, m, _ := due.date().Date()
			r.text(fmt.Sprintf("F%04d%02d-%d", y, m, c.id))
			r.date(due)
			if c.suspended && i == len(dues)-1 {
				r.null()
			} else {
				r.time(w.times.unix((due - day(1+c.id%20)).at(11, int(c.id%60), 0)))
			}
			if err := r.end(); err != nil {
				return err
			}
		}
		return nil
	}})
}

// lastDues are the last two days before today on which a quarter's invoice was due, the earlier one first.
func (w *world) lastDues() []day {
	var dues []day
	for d := w.today - 1; len(dues) < 2; d-- {
		if _, m, dd := d.date().Date(); dd == 30 && (m == 1 || m == 4 || m == 7 || m == 10) {
			dues = append(dues, d)
		}
	}
	slices.Reverse(dues)
	return dues
}

// holderOf is the person on a card and the family name printed on it.
func (w *world) holderOf(l *life) (p person, printed name) {
	if l.holder == 0 {
		return person{}, name{}
	}
	p = w.person(l.holder)
	printed = p.family
	if p.formerFamily.text != "" && l.producedOn != 0 && l.producedOn < w.today-renamedAgo {
		printed = p.formerFamily
	}
	return p, printed
}

// renamedAgo is how long ago, in days, everybody who changed name did so.
const renamedAgo = 300

func (w *world) cardRows(r *rows) error {
	return w.walk(listener{life: func(l *life, c *company) error {
		p, printed := w.holderOf(l)
		r.big(l.id)
		r.big(c.id)
		r.text(string(l.kind))
		r.ref(l.holder)
		r.big(l.orderedBy)
		r.big(l.orderer)
		r.text(string(l.status))
		r.integer(len(l.events))
		if l.producedOn == 0 {
			r.null()
			r.null()
			r.null()
			r.name(p.given.text)
			r.name(printed.text)
			r.null()
			r.null()
		} else {
			r.text(serialNumber(l.id))
			if l.holder == 0 {
				r.null()
			} else {
				r.text(chipUID(l.id))
			}
			r.date(l.validTo)
			r.name(p.given.text)
			r.name(printed.text)
			r.text(c.name)
			r.text(c.orgNumber)
		}
		key, other := w.keysOf(l, &p, printed)
		r.text(key)
		r.name(other)
		r.name(p.personal())
		r.time(w.times.unix(l.events[0].at))
		return r.end()
	}})
}

// keysOf are the keys under which a card is listed and found: the printed name, and today's where it is another.
func (w *world) keysOf(l *life, p *person, printed name) (key, other string) {
	if l.holder == 0 {
		return w.words.visitor.Key, ""
	}
	key = sortKey(printed, p.given)
	if today := sortKey(p.family, p.given); today != key {
		other = today
	}
	return key, other
}

func (w *world) eventRows(r *rows) error {
	return w.walk(listener{life: func(l *life, c *company) error {
		for i, e := range l.events {
			r.big(l.id)
			r.integer(i + 1)
			r.big(c.id)
			r.text(string(l.kind))
			r.text(string(e.action))
			r.text(string(e.from))
			r.text(string(e.to))
			r.ref(e.actor)
			r.text(string(e.role))
			r.text(string(e.reason))
			r.text(e.note)
			r.ref(e.successor)
			r.time(w.times.unix(e.at))
			if err := r.end(); err != nil {
				return err
			}
		}
		return nil
	}})
}

// nameRows are what the trigger of the table cards derives: each word of each key.
func (w *world) nameRows(r *rows) error {
	return w.walk(listener{life: func(l *life, c *company) error {
		write := func(key string, words ...word) error {
			return w.eachIndexWord(words, func(x string) error {
				r.big(c.id)
				r.text(x)
				r.text(key)
				r.big(l.id)
				return r.end()
			})
		}
		if l.holder == 0 {
			return write(w.words.visitor.Key, w.words.visitor)
		}
		p, printed := w.holderOf(l)
		key, other := w.keysOf(l, &p, printed)
		if err := write(key, printed.a, printed.b, p.given.a, p.given.b); err != nil {
			return err
		}
		if other == "" {
			return nil
		}
		return write(other, p.family.a, p.family.b, p.given.a, p.given.b)
	}})
}

// ordererNameRows are the same for the orderers, without those of the cast.
func (w *world) ordererNameRows(r *rows) error {
	return w.walk(listener{company: func(c *company) error {
		for _, id := range c.orderers {
			if id < firstExtra {
				continue
			}
			p := w.person(id)
			err := w.eachIndexWord([]word{p.family.a, p.family.b, p.given.a, p.given.b}, func(x string) error {
				r.text(x)
				r.big(id)
				return r.end()
			})
			if err != nil {
				return err
			}
		}
		return nil
	}})
}

// listedOrdererRows are the orderers as lists name them, without those of the cast.
func (w *world) listedOrdererRows(r *rows) error {
	return w.walk(listener{company: func(c *company) error {
		for _, id := range c.orderers {
			if id < firstExtra {
				continue
			}
			p := w.person(id)
			r.big(c.id)
			r.big(id)
			r.no()
			r.text(sortKey(p.family, p.given))
			r.text(p.given.text)
			r.text(p.family.text)
			if err := r.end(); err != nil {
				return err
			}
		}
		return nil
	}})
}

// eachIndexWord hands on what the words are found by, each once.
func (w *world) eachIndexWord(words []word, do func(string) error) error {
	w.index = w.index[:0]
	for _, word := range words {
		for _, x := range word.Index {
			if slices.Contains(w.index, x) {
				continue
			}
			w.index = append(w.index, x)
			if err := do(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// pinRows give a PIN to every card that has been activated and has not ended.
func (w *world) pinRows(r *rows, keyring *pin.Keyring) error {
	key := int64(keyring.PrimaryKeyID())
	return w.walk(listener{life: func(l *life, _ *company) error {
		if l.status != card.Active && l.status != card.Blocked {
			return nil
		}
		ciphertext, err := keyring.Encrypt(pin.Generate(), l.id)
		if err != nil {
			return fmt.Errorf("PIN of card %d: %w", l.id, err)
		}
		r.big(l.id)
		r.big(key)
		r.bytes(ciphertext)
		return r.end()
	}})
}
