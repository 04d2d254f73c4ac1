//! Memory with a bound: a map that forgets its older half when it is full, and a cache with a
//! lifetime on top of it. For what can be read or counted again; never for what must be kept.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A map of at most `capacity` entries. An entry that is used stays; the others go, half of them
/// at a time, when there is no more room.
#[derive(Debug)]
pub struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    /// Room for `capacity` entries, at least two.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            half: (capacity / 2).max(1),
        }
    }

    /// The value of `key`, which counts as used.
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some((key, value)) = self.old.remove_entry(key) {
            self.insert(key, value);
        }
        self.young.get_mut(key)
    }

    /// Remembers `value`, in place of an earlier one.
    pub fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Forgets `key`.
    pub fn remove<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.young.remove(key);
        self.old.remove(key);
    }

    /// Forgets what `keep` does not want.
    pub fn retain(&mut self, keep: impl Fn(&K, &V) -> bool) {
        self.young.retain(|k, v| keep(k, v));
        self.old.retain(|k, v| keep(k, v));
    }

    /// How much is remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Values that are believed for a while. The lock is held for a look-up only.
#[derive(Debug)]
pub struct Cache<K, V> {
    entries: Mutex<Recent<K, (Instant, V)>>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// Room for `capacity` values.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            entries: Mutex::new(Recent::new(capacity)),
        }
    }

    /// The value of `key`, unless it is too old.
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, value) = entries.get_mut(key)?;
        (*until > Instant::now()).then(|| value.clone())
    }

    /// Believes `value` for `ttl`.
    pub fn put(&self, key: K, value: V, ttl: Duration) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(key, (Instant::now() + ttl, value));
    }

    /// Forgets `key`.
    pub fn forget<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(key);
    }

    /// Forgets every entry that `gone` picks.
    pub fn forget_where(&self, gone: impl Fn(&K, &V) -> bool) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|key, (_, value)| !gone(key, value));
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Recent};
    use std::time::Duration;

    #[test]
    fn never_holds_more_than_its_capacity() {
        let mut map = Recent::new(10);
        for i in 0..1_000 {
            map.insert(i, i);
            assert!(map.len() <= 10);
        }
        assert_eq!(map.get_mut(&999), Some(&mut 999));
        assert_eq!(map.get_mut(&0), None);
    }

    #[test]
    fn keeps_what_is_used() {
        let mut map = Recent::new(10);
        for i in 0..1_000 {
            map.insert(i, i);
            if i > 0 {
                assert!(map.get_mut(&0).is_some(), "forgot 0 at {i}");
            }
        }
    }

    #[test]
    fn replaces_and_forgets() {
        let mut map = Recent::new(4);
        for i in 0..3 {
            map.insert(i, "a");
        }
        map.insert(0, "b");
        assert_eq!(map.get_mut(&0), Some(&mut "b"));
        map.remove(&0);
        assert_eq!(map.get_mut(&0), None);
        map.retain(|k, _| *k == 2);
        assert_eq!(map.len(), 1);
    }

    #[test]
    fn a_cache_does_not_believe_old_values() {
        let cache = Cache::new(10);
        cache.put("gone", 1, Duration::ZERO);
        cache.put("here", 2, Duration::from_secs(3600));
        assert_eq!(cache.get("gone"), None);
        assert_eq!(cache.get("here"), Some(2));
        cache.forget("here");
        assert_eq!(cache.get("here"), None);
    }
}
