//! The arithmetic of the tree, held to the vectors of RFC 6962's own tests and to ct-merkle, which knows nothing of ours.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

use crate::hash::Hash;
use crate::merkle::{
    Edge, Nodes, ProofError, consistency, inclusion, levels_of, partial_width, perfect, root, verify_consistency,
    verify_inclusion,
};

/// Leaves of the known vectors, in hexadecimal, and the roots over the first one, two, three… of them.
const VECTORS: [(&str, &str); 8] = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (
        "2021",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        "3031",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    ),
    (
        "40414243",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ),
    (
        "5051525354555657",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

/// Leaves in memory.
struct Row(Vec<Hash>);

impl Nodes for Row {
    type Error = std::convert::Infallible;

    fn node(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        let (width, at) = (1_usize << height, usize::try_from(index).unwrap() << height);
        Ok(perfect(&self.0[at..at + width]))
    }
}

fn leaf(at: u64) -> Vec<u8> {
    format!("leaf {at}").into_bytes()
}

fn row(size: u64) -> Row {
    Row((0..size).map(|at| Hash::leaf(&leaf(at))).collect())
}

/// What the other implementation says.
fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|at| tree.push(leaf(at)));
    tree
}

fn cut(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks(32).map(|hash| Hash::from_slice(hash).unwrap()).collect()
}

#[test]
fn roots_are_those_of_the_known_vectors() {
    let mut edge = Edge::default();
    assert_eq!(edge.root(), Hash::of(b""));
    let mut leaves = Vec::new();
    for (text, wanted) in VECTORS {
        leaves.push(Hash::leaf(&hex::decode(text).unwrap()));
        edge.push(*leaves.last().unwrap(), |_, _, _| {});
        assert_eq!(edge.root().to_string(), wanted);
        assert_eq!(root(&mut Row(leaves.clone()), edge.size()).unwrap().to_string(), wanted);
    }
}

#[test]
fn proofs_are_those_of_another_implementation() {
    for size in (1..=70).chain([127, 128, 129, 255, 256, 257, 300, 511, 513]) {
        let (mut ours, theirs) = (row(size), oracle(size));
        let new = root(&mut ours, size).unwrap();
        assert_eq!(new.as_bytes(), theirs.root().as_bytes().as_slice(), "{size}");
        let step = if size > 70 { 23 } else { 1 };
        for index in (0..size).step_by(step) {
            let proof = inclusion(&mut ours, index, size).unwrap().unwrap();
            let wanted = theirs.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(proof, cut(wanted.as_bytes()), "entry {index} of {size}");
            verify_inclusion(&proof, Hash::leaf(&leaf(index)), index, size, new).unwrap();
        }
        for old in (1..size).step_by(step) {
            let proof = consistency(&mut ours, old, size).unwrap().unwrap();
            let wanted = theirs.prove_consistency(usize::try_from(size - old).unwrap());
            assert_eq!(proof, cut(wanted.as_bytes()), "{old} to {size}");
            let before = root(&mut ours, old).unwrap();
            verify_consistency(&proof, (old, before), (size, new)).unwrap();
        }
    }
}

#[test]
fn a_proof_of_something_else_is_refused() {
    for size in 1..40_u64 {
        let mut ours = row(size);
        let new = root(&mut ours, size).unwrap();
        for index in 0..size {
            let proof = inclusion(&mut ours, index, size).unwrap().unwrap();
            let leaf = Hash::leaf(&leaf(index));
            let holds = |proof: &[Hash], leaf, at, of| verify_inclusion(proof, leaf, at, of, new);
            assert_eq!(holds(&proof, Hash::of(b"x"), index, size), Err(ProofError::Root));
            assert!(holds(&proof, leaf, index + 1, size).is_err());
            assert_eq!(holds(&proof, leaf, size, size), Err(ProofError::Range));
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at] = Hash::of(b"x");
                assert_eq!(holds(&changed, leaf, index, size), Err(ProofError::Root));
                changed.remove(at);
                assert!(holds(&changed, leaf, index, size).is_err());
            }
            let longer = [&proof[..], &[Hash::of(b"x")]].concat();
            assert_eq!(holds(&longer, leaf, index, size), Err(ProofError::Length));
        }
        for old in 1..size {
            let proof = consistency(&mut ours, old, size).unwrap().unwrap();
            let before = root(&mut ours, old).unwrap();
            let holds =
                |proof: &[Hash], old_root, new_root| verify_consistency(proof, (old, old_root), (size, new_root));
            assert!(holds(&proof, Hash::of(b"x"), new).is_err());
            assert!(holds(&proof, before, Hash::of(b"x")).is_err());
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at] = Hash::of(b"x");
                assert!(holds(&changed, before, new).is_err(), "{old} to {size}, hash {at}");
                changed.remove(at);
                assert!(holds(&changed, before, new).is_err());
            }
            assert!(holds(&[&proof[..], &[Hash::of(b"x")]].concat(), before, new).is_err());
        }
        assert_eq!(verify_consistency(&[], (size, new), (size, new)), Ok(()));
        assert_eq!(
            verify_consistency(&[], (size, Hash::of(b"x")), (size, new)),
            Err(ProofError::Root)
        );
        assert_eq!(verify_consistency(&[], (0, Hash::of_nothing()), (size, new)), Ok(()));
        assert_eq!(
            verify_consistency(&[new], (0, Hash::of_nothing()), (size, new)),
            Err(ProofError::Length)
        );
        assert_eq!(
            verify_consistency(&[], (size + 1, new), (size, new)),
            Err(ProofError::Range)
        );
    }
}

#[test]
fn the_edge_tells_of_each_whole_tile_once() {
    let mut edge = Edge::default();
    let mut told = Vec::new();
    let size = 256 * 256 + 256 + 3;
    for at in 0..size {
        edge.push(Hash::leaf(&leaf(at)), |level, number, hashes| {
            assert_eq!(hashes.len(), Edge::WIDTH);
            told.push((level, number));
        });
    }
    let first: Vec<_> = (0..257).map(|number| (0, number)).collect();
    let (zero, one): (Vec<_>, Vec<_>) = told.into_iter().partition(|(level, _)| *level == 0);
    assert_eq!((zero, one), (first, vec![(1, 0)]));
    let widths: Vec<usize> = edge.partial().iter().map(Vec::len).collect();
    assert_eq!(widths, [3, 1, 1]);
    assert_eq!(levels_of(size), 3);
    assert_eq!(
        (0..3).map(|level| partial_width(size, level)).collect::<Vec<_>>(),
        widths
    );
    assert_eq!(edge.root(), root(&mut row(size), size).unwrap());
    let again = Edge::new(size, edge.partial().to_vec()).unwrap();
    assert_eq!(again, edge);
    assert_eq!(Edge::new(size + 1, edge.partial().to_vec()), None);
}
